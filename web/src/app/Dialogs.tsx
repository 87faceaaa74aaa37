import { useStore } from "zustand";
import { useSession } from "../session";
import { CommandPalette, FindDialog, SettingsDialog, ShortcutsDialog, TemplatesDialog } from "./parts";

/** The dialog that is asked for. */
export function Dialogs() {
  const { ui } = useSession();
  const dialog = useStore(ui, (state) => state.dialog);
  switch (dialog) {
    case "commands":
      return <CommandPalette />;
    case "find":
      return <FindDialog />;
    case "shortcuts":
      return <ShortcutsDialog />;
    case "templates":
      return <TemplatesDialog />;
    case "settings":
      return <SettingsDialog />;
    default:
      return null;
  }
}
