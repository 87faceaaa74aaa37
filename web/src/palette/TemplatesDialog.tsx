import { useEffect, useState } from "react";
import { openStored } from "../app/open-workflow";
import { useT } from "../i18n/t";
import { useSession } from "../session";
import { Dialog } from "../ui/Dialog";
import { Picker, type PickerItem } from "../ui/Picker";

/** The workflows the server has, to begin with. */
export function TemplatesDialog() {
  const t = useT();
  const session = useSession();
  const [names, setNames] = useState<readonly string[]>([]);
  const close = (): void => session.ui.setState({ dialog: undefined });
  useEffect(() => {
    void session.api
      .GET("/api/v1/workflows")
      .then(({ data }) => setNames(data?.workflows.map(({ name }) => name) ?? []))
      .catch(() => undefined);
  }, [session]);
  const find = (query: string): PickerItem[] =>
    names.filter((name) => name.toLowerCase().includes(query.toLowerCase().trim().replaceAll(" ", "_"))).map((name) => ({ id: name, label: nameOf(name), hint: name }));
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

function nameOf(name: string): string {
  const words = name.replaceAll("_", " ");
  return words.charAt(0).toUpperCase() + words.slice(1);
}
