import { type KeyboardEvent, useMemo, useRef, useState } from "react";
import { useStore } from "zustand";
import { reveal } from "../app/reveal";
import { useT } from "../i18n/t";
import { useDocument, useSession } from "../session";
import { Button } from "../ui/Button";
import { type Asked, Chooser } from "./Chooser";
import styles from "./OutlinePanel.module.css";
import { OutlineRow } from "./OutlineRow";
import { type Row, moveOf, rowsOf } from "./rows";
import { outlineOf } from "./tree";
import { clear, remove } from "./verbs";

/** The graph as a tree: for those who hear it, who use keys only, or hold a phone. */
export function OutlinePanel() {
  const t = useT();
  const session = useSession();
  const file = useDocument((state) => state.file);
  const specs = useStore(session.catalog, (state) => state.specs);
  const nodes = useMemo(() => outlineOf(file, specs), [file, specs]);
  const [open, setOpen] = useState<ReadonlySet<string>>(new Set());
  const [current, setCurrent] = useState<string>();
  const [asked, setAsked] = useState<Asked>();
  const tree = useRef<HTMLUListElement>(null);
  const rows = useMemo(() => rowsOf(nodes, open), [nodes, open]);
  const focusKey = rows.some(({ key }) => key === current) ? current : rows[0]?.key;

  const setNode = (node: string, isOpen: boolean): void =>
    setOpen((before) => new Set(isOpen ? [...before, node] : [...before].filter((id) => id !== node)));

  const elementOf = (key: string): HTMLElement | null | undefined => tree.current?.querySelector<HTMLElement>(`[data-row="${CSS.escape(key)}"]`);

  const go = (key: string): void => {
    setCurrent(key);
    const element = elementOf(key);
    if (element) element.focus();
    // A node that was just added is drawn with the next frame.
    else requestAnimationFrame(() => elementOf(key)?.focus());
  };

  const ask = (row: Row, kind: "link" | "after"): void => {
    const element = elementOf(row.key);
    if (element) setAsked({ kind, row, anchor: element.getBoundingClientRect() });
  };

  const enter = (row: Row): void => {
    if (row.kind === "node") {
      reveal(session, row.node.id);
      if (!row.open) setNode(row.node.id, true);
    } else if (row.kind === "output") {
      const reader = row.output.readers[0];
      if (reader) go(reader.node);
      else ask(row, "after");
    } else if (row.input.sources[0]) {
      go(row.input.sources[0].node);
    } else if (row.input.kind === "port") {
      ask(row, "link");
    } else {
      elementOf(row.key)?.querySelector<HTMLElement>("input, textarea, select, button")?.focus();
    }
  };

  const takeAway = (row: Row): void => {
    if (row.kind === "input") clear(session, row.node.id, row.input);
    if (row.kind !== "node") return;
    const next = nodes[row.at] ?? nodes[row.at - 2];
    remove(session, row.node.id);
    if (next) go(next.id);
  };

  const onKeyDown = (event: KeyboardEvent, row: Row): void => {
    if (event.nativeEvent.isComposing || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.target !== event.currentTarget) {
      if (event.key === "Escape") go(row.key);
      return; // the keys belong to what is edited
    }
    const move = moveOf(rows, row.key, event.key);
    if (move && "to" in move) go(move.to);
    else if (move) setNode("open" in move ? move.open : move.shut, "open" in move);
    else if (event.key === "Enter") enter(row);
    else if (event.key === "Delete") takeAway(row);
    else if (event.code === "KeyA" && row.kind !== "input") ask(row, "after");
    else if (event.code === "KeyL" && row.kind === "input") ask(row, "link");
    else return;
    event.preventDefault();
    event.stopPropagation();
  };

  return (
    <div className={styles.panel}>
      {nodes.length === 0 && <p className={styles.empty}>{t("outline.empty")}</p>}
      <ul ref={tree} role="tree" aria-label={t("outline.tree")} aria-describedby="outline-keys" className={styles.tree}>
        {rows.map((row) => (
          <OutlineRow key={row.key} row={row} focusable={row.key === focusKey} onKeyDown={onKeyDown} onFocus={setCurrent} onToggle={setNode} onGo={go} onAsk={ask} onTakeAway={takeAway} />
        ))}
      </ul>
      <Button icon="plus" look="quiet" className={styles.add} onClick={(event) => setAsked({ kind: "alone", anchor: event.currentTarget.getBoundingClientRect() })}>
        {t("outline.add")}
      </Button>
      <p id="outline-keys" className={styles.keys}>
        {t("outline.keys")}
      </p>
      {asked && <Chooser asked={asked} onClose={() => setAsked(undefined)} onDone={go} />}
    </div>
  );
}
