import { titleOf } from "../catalog/names";
import { type NodeEntry } from "../document/model";
import { useT } from "../i18n/t";
import { useDocument, useSession } from "../session";
import { Dialog } from "../ui/Dialog";
import { Picker, type PickerItem } from "../ui/Picker";

/** Finds a node of the graph by its name, its type, or anything its settings say, and goes there. */
export function FindDialog() {
  const t = useT();
  const { ui, canvas } = useSession();
  const file = useDocument((state) => state.file);
  const close = (): void => ui.setState({ dialog: undefined });
  const find = (query: string): PickerItem[] => {
    const words = query.toLowerCase().split(/\s+/).filter(Boolean);
    return Object.entries(file.nodes).flatMap(([id, entry]) => {
      const told = `${id} ${titleOf(entry.type)} ${entry.type} ${file.layout?.titles?.[id] ?? ""} ${JSON.stringify(entry.inputs ?? {})}`.toLowerCase();
      if (!words.every((word) => told.includes(word))) return [];
      return [{ id, label: file.layout?.titles?.[id] ?? titleOf(entry.type), hint: id, detail: words.length > 0 ? matchOf(entry, words) : undefined }];
    });
  };
  return (
    <Dialog bare title={t("action.find")} closeLabel={t("app.close")} onClose={close}>
      <Picker
        label={t("action.find")}
        placeholder={t("palette.find")}
        nothing={t("palette.nothing")}
        find={find}
        onCancel={close}
        onPick={(id) => {
          close();
          canvas.view?.focus(id);
        }}
      />
    </Dialog>
  );
}

function matchOf(entry: NodeEntry, words: readonly string[]): string | undefined {
  const match = Object.entries(entry.inputs ?? {}).find(([, value]) => words.some((word) => JSON.stringify(value).toLowerCase().includes(word)));
  return match && `${match[0]}: ${JSON.stringify(match[1])}`;
}
