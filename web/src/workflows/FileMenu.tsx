import { type ChangeEvent, useRef, useState } from "react";
import { useStore } from "zustand";
import { useT } from "../i18n/t";
import { useSession } from "../session";
import { IconButton } from "../ui/Button";
import { Menu } from "../ui/Menu";
import { useFiles } from "./useFiles";

/** What can be done with the workflow in front, and with workflows at all. */
export function FileMenu() {
  const t = useT();
  const { desk, tabs } = useSession();
  const files = useFiles();
  const picker = useRef<HTMLInputElement>(null);
  const [anchor, setAnchor] = useState<DOMRect>();
  const hasClosed = useStore(desk.files.store, ({ closed }) => closed.length > 0);

  const picked = ({ target }: ChangeEvent<HTMLInputElement>): void => {
    for (const file of target.files ?? []) void files.openFile(file);
    target.value = "";
  };
  return (
    <>
      <IconButton
        small
        icon="more"
        label={t("files.menu")}
        aria-haspopup="menu"
        aria-expanded={anchor !== undefined}
        onClick={({ currentTarget }) => setAnchor(anchor ? undefined : currentTarget.getBoundingClientRect())}
      />
      <input ref={picker} type="file" hidden multiple accept=".json,.png,application/json,image/png" onChange={picked} />
      {anchor && (
        <Menu
          anchor={anchor}
          label={t("files.menu")}
          onClose={() => setAnchor(undefined)}
          sections={[
            [
              { id: "new", icon: "plus", label: t("files.new"), onPick: files.create },
              { id: "open", icon: "library", label: t("files.openFile"), keys: "Ctrl+O", onPick: () => picker.current?.click() },
              { id: "reopen", icon: "undo", label: t("files.reopen"), disabled: !hasClosed, onPick: files.reopen },
            ],
            [
              { id: "save", label: t("files.save"), keys: "Ctrl+S", onPick: () => void files.save() },
              { id: "save-as", label: t("files.saveAs"), keys: "Ctrl+Shift+S", onPick: () => desk.files.ask({ kind: "name", tab: tabs.current().id }) },
              {
                id: "versions",
                icon: "history",
                label: t("files.versions"),
                disabled: tabs.current().name === undefined,
                onPick: () => desk.files.ask({ kind: "versions", name: tabs.current().name ?? "" }),
              },
            ],
            [
              { id: "download", icon: "download", label: t("files.download"), onPick: files.download },
              { id: "copy", icon: "copy", label: t("files.copy"), onPick: () => void files.copyText() },
            ],
          ]}
        />
      )}
    </>
  );
}
