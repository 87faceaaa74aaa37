import { chordText, isMac } from "../actions/keys";
import { isEnabled, perform } from "../actions/perform";
import { ACTION_IDS, type ActionId, actionOf } from "../actions/table";
import { useT } from "../i18n/t";
import { useSession } from "../session";
import { Dialog } from "../ui/Dialog";
import { Picker, type PickerItem } from "../ui/Picker";

/** Everything that can be done now, by name. */
export function CommandPalette() {
  const t = useT();
  const session = useSession();
  const close = (): void => session.ui.setState({ dialog: undefined });
  const items = ACTION_IDS.filter((id) => id !== "commands" && isEnabled(session, id)).map((id): PickerItem => {
    const [chord] = actionOf(id).keys ?? [];
    return { id, label: t(actionOf(id).title), hint: chord && chordText(chord, isMac()), group: t(`action.section.${actionOf(id).section}`) };
  });
  const find = (query: string): PickerItem[] => {
    const words = query.toLowerCase().split(/\s+/).filter(Boolean);
    const found = items.filter(({ id, label }) => words.every((word) => `${label} ${id}`.toLowerCase().includes(word)));
    return words.length === 0 ? found : found.map(({ group: _group, ...item }) => item);
  };
  return (
    <Dialog bare title={t("action.commands")} closeLabel={t("app.close")} onClose={close}>
      <Picker
        label={t("action.commands")}
        placeholder={t("palette.commands")}
        nothing={t("palette.nothing")}
        find={find}
        onCancel={close}
        onPick={(id) => {
          close();
          // After the dialog has given the focus back.
          setTimeout(() => perform(session, id as ActionId));
        }}
      />
    </Dialog>
  );
}
