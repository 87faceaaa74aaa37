import { useStore } from "zustand";
import { ShortcutsDialog } from "../help/ShortcutsDialog";
import { CommandPalette } from "../palette/CommandPalette";
import { FindDialog } from "../palette/FindDialog";
import { TemplatesDialog } from "../palette/TemplatesDialog";
import { useSession } from "../session";
import { SettingsDialog } from "../settings/SettingsDialog";

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
