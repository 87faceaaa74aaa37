import { type NodeProps, NodeResizer } from "@xyflow/react";
import { type CSSProperties, memo } from "react";
import { useEdit } from "../actions/edit";
import { changeGroup, changeNote } from "../document/commands/marks";
import { useT } from "../i18n/t";
import { useSession } from "../session";
import { keepKeys } from "../widgets/TextWidget";
import { type GroupNodeType, type NoteNodeType } from "./marks";
import styles from "./MarkNodes.module.css";

export const GroupNode = memo(function GroupNode({ data, selected }: NodeProps<GroupNodeType>) {
  const t = useT();
  const edit = useEdit();
  const { document } = useSession();
  const { group, at } = data;
  return (
    <section className={styles.group} data-selected={selected || undefined} style={{ "--tone": group.color } as CSSProperties}>
      <NodeResizer isVisible={selected} minWidth={160} minHeight={80} onResizeEnd={(_, box) => edit("edit.resize", {}, changeGroup(at, { bounds: [box.x, box.y, box.width, box.height].map(Math.round) }))} />
      <header className={styles.groupHead} data-drag>
        <input className={`${styles.groupTitle} nopan`} aria-label={t("canvas.group.title")} value={group.title} onChange={(event) => edit("edit.rename", { name: event.target.value }, changeGroup(at, { title: event.target.value }), `group ${at}`)} onBlur={document.settle} onKeyDown={keepKeys} />
      </header>
    </section>
  );
});

export const NoteNode = memo(function NoteNode({ data, selected }: NodeProps<NoteNodeType>) {
  const t = useT();
  const edit = useEdit();
  const { document } = useSession();
  const { note, at } = data;
  return (
    <section className={styles.note} data-selected={selected || undefined}>
      <NodeResizer isVisible={selected} minWidth={160} minHeight={80} onResizeEnd={(_, box) => edit("edit.resize", {}, changeNote(at, { bounds: [box.x, box.y, box.width, box.height].map(Math.round) }))} />
      <textarea className={`${styles.noteText} nodrag nopan nowheel`} aria-label={t("canvas.note")} placeholder={t("canvas.note.write")} value={note.text} onChange={(event) => edit("edit.note", {}, changeNote(at, { text: event.target.value }), `note ${at}`)} onBlur={document.settle} onKeyDown={keepKeys} />
    </section>
  );
});
