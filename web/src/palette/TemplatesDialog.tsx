import { useEffect, useState } from "react";
import { openStored } from "../app/open-workflow";
import { readText } from "../document/text";
import { useT } from "../i18n/t";
import { useSession } from "../session";
import { Dialog } from "../ui/Dialog";
import { Picker, type PickerItem } from "../ui/Picker";
import { readStored } from "../workflows/library-api";

/** The workflows the server has, to begin with. */
export function TemplatesDialog() {
  const t = useT();
  const session = useSession();
  const [templates, setTemplates] = useState<readonly Template[]>([]);
  const close = (): void => session.ui.setState({ dialog: undefined });
  useEffect(() => {
    let isShown = true;
    const load = async (): Promise<void> => {
      const { data } = await session.api.GET("/api/v1/workflows");
      const names = data?.workflows.map(({ name }) => name) ?? [];
      setTemplates(names.map((name) => ({ name, title: nameOf(name), description: "" })));
      const told = await Promise.all(names.map((name) => templateOf(name).catch(() => ({ name, title: nameOf(name), description: "" }))));
      if (isShown) setTemplates(told);
    };
    void load().catch(() => undefined);
    return () => {
      isShown = false;
    };
  }, [session]);
  const find = (query: string): PickerItem[] => {
    const wanted = query.toLowerCase().trim();
    return templates
      .filter(({ name, title, description }) => `${name} ${nameOf(name)} ${title} ${description}`.toLowerCase().includes(wanted))
      .map(({ name, title, description }) => ({ id: name, label: title, detail: description }));
  };
  return (
    <Dialog bare title={t("action.templates")} closeLabel={t("app.close")} onClose={close}>
      <Picker
        label={t("action.templates")}
        placeholder={t("palette.templates")}
        nothing={t("palette.nothing")}
        find={find}
        onCancel={close}
        onPick={(name) => {
          close();
          void openStored(session, name).catch((error: unknown) => session.ui.toast({ kind: "error", text: error instanceof Error ? error.message : String(error) }));
        }}
      />
    </Dialog>
  );
}

interface Template {
  name: string;
  title: string;
  description: string;
}

/** As the workflow itself says; one that says nothing goes by its name. */
async function templateOf(name: string): Promise<Template> {
  const { meta } = readText((await readStored(name)).text).file;
  const { title, description } = meta ?? {};
  return { name, title: typeof title === "string" && title ? title : nameOf(name), description: typeof description === "string" ? description : "" };
}

function nameOf(name: string): string {
  const words = name.replaceAll("_", " ");
  return words.charAt(0).toUpperCase() + words.slice(1);
}
