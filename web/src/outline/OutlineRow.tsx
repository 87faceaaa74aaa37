import { type KeyboardEvent, memo } from "react";
import { useStore } from "zustand";
import { reveal } from "../app/reveal";
import { labelOf, titleOf } from "../catalog/names";
import { useProblems } from "../check/hooks";
import { worst } from "../check/problem";
import { useT } from "../i18n/t";
import { PlanBadge } from "../plan/PlanBadge";
import { usePlan } from "../plan/hooks";
import { useStep } from "../run/useStep";
import { useSession } from "../session";
import { IconButton } from "../ui/Button";
import { Icon } from "../ui/Icon";
import { Input } from "./InputRow";
import { Output } from "./OutputRow";
import styles from "./OutlineRow.module.css";
import { StepMark } from "./StepMark";
import { type Row } from "./rows";

export interface RowProps {
  row: Row;
  /** The one row that Tab reaches; arrows walk from it. */
  focusable: boolean;
  onKeyDown(event: KeyboardEvent, row: Row): void;
  onFocus(key: string): void;
  onToggle(node: string, open: boolean): void;
  onGo(key: string): void;
  onAsk(row: Row, kind: "link" | "after"): void;
  onTakeAway(row: Row): void;
}

export const OutlineRow = memo(function OutlineRow(props: RowProps) {
  const { row, focusable, onKeyDown, onFocus } = props;
  const isChosen = useStore(useSession().ui, (state) => row.kind === "node" && state.selection.includes(row.node.id));
  const problems = useProblems(row.node.id, row.kind === "input" ? row.input.name : undefined);
  return (
    <li
      role="treeitem"
      aria-level={row.kind === "node" ? 1 : 2}
      aria-posinset={row.at}
      aria-setsize={row.of}
      aria-expanded={row.kind === "node" ? row.open : undefined}
      aria-selected={isChosen}
      tabIndex={focusable ? 0 : -1}
      data-row={row.key}
      data-kind={row.kind}
      data-severity={row.kind === "output" ? undefined : worst(problems)}
      className={styles.row}
      onKeyDown={(event) => onKeyDown(event, row)}
      onFocus={(event) => event.target === event.currentTarget && onFocus(row.key)}
    >
      {row.kind === "node" && <NodeRow {...props} row={row} problems={problems.length} />}
      {row.kind === "input" && <Input {...props} node={row.node.id} input={row.input} />}
      {row.kind === "output" && <Output node={row.node.id} output={row.output} onGo={props.onGo} />}
    </li>
  );
});

interface NodeRowProps extends RowProps {
  row: Extract<Row, { kind: "node" }>;
  problems: number;
}

/** The arrow, the name, the type, and how it fares. */
function NodeRow({ row, problems, onToggle, onAsk, onTakeAway, onGo }: NodeRowProps) {
  const t = useT();
  const session = useSession();
  const { node, open } = row;
  /** The first press chooses the node and opens it; pressing what is chosen, or the arrow, opens and shuts. */
  const press = (onArrow: boolean): void => {
    const isChosen = session.ui.getState().selection.includes(node.id);
    if (!isChosen && !onArrow) reveal(session, node.id);
    onToggle(node.id, !open || (!isChosen && !onArrow));
    onGo(row.key);
  };
  return (
    <>
      {/* oxlint-disable-next-line jsx-a11y/click-events-have-key-events, jsx-a11y/no-static-element-interactions -- the tree has the keys */}
      <span className={styles.head} onClick={(event) => press(event.target instanceof Element && event.target.closest("[data-arrow]") !== null)}>
        <span className={styles.twist} data-arrow data-open={open || undefined}>
          <Icon name="chevron" size={12} />
        </span>
        <span className={styles.title}>{node.title}</span>
        <span className={styles.type}>{titleOf(node.type)}</span>
        {node.mode !== undefined && <span className={styles.mode}>{modeText(t, node.mode)}</span>}
        {problems > 0 && (
          <span className={styles.count}>
            <span aria-hidden="true">{problems}</span>
            <span className="visually-hidden">{t("outline.problems", { count: problems })}</span>
          </span>
        )}
        <State nodeId={node.id} />
      </span>
      <span className={styles.tools}>
        <IconButton small icon="plus" tabIndex={-1} label={t("outline.addAfter", { node: node.title })} onClick={() => onAsk(row, "after")} />
        <IconButton small icon="trash" tabIndex={-1} label={t("outline.remove", { node: node.title })} onClick={() => onTakeAway(row)} />
      </span>
    </>
  );
}

/** What it does now; else what it would do, while that is asked for; else what it did. */
function State({ nodeId }: { nodeId: string }) {
  const isPlanned = usePlan(nodeId) !== undefined;
  const { status } = useStep(nodeId);
  const isGoing = status === "waiting" || status === "running";
  return isPlanned && !isGoing ? <PlanBadge nodeId={nodeId} /> : <StepMark nodeId={nodeId} />;
}

function modeText(t: ReturnType<typeof useT>, mode: string): string {
  if (mode === "mute" || mode === "bypass") return t(`outline.mode.${mode}`);
  return labelOf(mode);
}
