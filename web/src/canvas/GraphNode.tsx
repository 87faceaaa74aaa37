import { type NodeProps } from "@xyflow/react";
import { type CSSProperties, memo } from "react";
import { useStore } from "zustand";
import { useEdit } from "../actions/edit";
import { labelOf, titleOf } from "../catalog/names";
import { linkTypeOf } from "../catalog/settings";
import { FactHint } from "./FactHint";
import { useProblems } from "../check/hooks";
import { type Severity, worst } from "../check/problem";
import { setListed } from "../document/commands/nodes";
import { isLink, linksIn } from "../document/model";
import { useT } from "../i18n/t";
import { PlanBadge } from "../plan/PlanBadge";
import { usePlan } from "../plan/hooks";
import { useStep } from "../run/useStep";
import { useSession } from "../session";
import { Icon } from "../ui/Icon";
import { categoryHue } from "../theme/hues";
import { Setting } from "../widgets/Setting";
import { type GraphNodeType, type NodeData } from "./derive";
import { type Row } from "./geometry";
import styles from "./GraphNode.module.css";
import { NodeExtras } from "./NodeExtras";
import { NodeFailure } from "./NodeFailure";
import { NodeProblems } from "./NodeProblems";
import { NodeStatus } from "./NodeStatus";
import { Socket } from "./SocketRow";

export const GraphNode = memo(function GraphNode({ id, data, selected }: NodeProps<GraphNodeType>) {
  const t = useT();
  const far = useStore(useSession().canvas, (state) => state.detail !== "whole");
  const step = useStep(id);
  const plan = usePlan(id)?.state;
  // What is happening goes before what would.
  const planned = step.status === "running" || step.status === "waiting" ? undefined : plan;
  const severity = worst(useProblems(id));
  const { spec, geometry, title, collapsed, entry } = data;
  const name = title ?? titleOf(entry.type);
  // From afar only what can be told from afar is in the page: there may be hundreds of nodes in view.
  const head = far ? (
    <span className={styles.title}>{name}</span>
  ) : (
    <header className={styles.head} title={spec?.summary ?? t("canvas.unknownType", { type: entry.type })}>
      <span className={styles.title}>{name}</span>
      {!planned && step.status === "idle" && <span className={styles.id}>{id}</span>}
      {planned ? <PlanBadge nodeId={id} /> : <NodeStatus step={step} />}
    </header>
  );
  return (
    <div
      className={styles.node}
      data-node={id}
      data-far={far || undefined}
      data-status={step.status}
      data-plan={planned}
      data-selected={selected || undefined}
      data-severity={severity}
      data-mode={entry.mode}
      data-unknown={!spec || undefined}
      style={{ "--hue": categoryHue(spec?.category ?? ""), minHeight: geometry.height } as CSSProperties}
    >
      {head}
      {!far && !collapsed && <Rows id={id} data={data} />}
      {!far && collapsed && <CollapsedSockets id={id} data={data} />}
      {!far && severity !== "error" && <NodeFailure id={id} />}
      {!far && <NodeProblems id={id} selected={selected} />}
      {!collapsed && <NodeExtras id={id} />}
    </div>
  );
});

function Rows({ id, data }: { id: string; data: NodeData }) {
  const first = data.geometry.rows.find((row) => row.kind !== "setting") ?? data.geometry.rows[0];
  return (
    <div className={styles.rows}>
      {data.geometry.rows.map((row) => (
        <div key={keyOf(row)} className={styles.row} data-kind={row.kind} style={{ height: row.height }}>
          <RowBody id={id} data={data} row={row} first={row === first} />
        </div>
      ))}
    </div>
  );
}

interface RowProps {
  id: string;
  data: NodeData;
  row: Row;
  first: boolean;
}

function RowBody({ id, data, row, first }: RowProps) {
  const t = useT();
  const name = nameOf(row);
  const value = data.entry.inputs?.[name];
  const found = worst(useProblems(id, name));
  const problem = row.kind === "output" ? undefined : found;
  switch (row.kind) {
    case "output":
      return <OutputRow id={id} row={row} first={first} />;
    case "input":
      return (
        <>
          <Socket node={id} side="in" name={name} type={row.port.type} linked={linksIn(value).length > 0} optional={row.port.optional} problem={problem} first={first} />
          <span className={styles.label} title={row.port.description} data-optional={row.port.optional || undefined}>
            {labelOf(name)}
            {row.port.many && <span className={styles.many}>{t("canvas.many", { count: linksIn(value).length })}</span>}
          </span>
        </>
      );
    case "unknown":
      return (
        <>
          <Socket node={id} side="in" name={name} type="" linked={linksIn(value).length > 0} problem={problem} first={first} />
          <span className={styles.label} data-optional>
            {labelOf(name)}
            {!isLink(value) && <code className={styles.raw}>{JSON.stringify(value)}</code>}
          </span>
        </>
      );
    case "more":
      return <More id={id} count={row.count} />;
    case "setting":
      return (
        <>
          <SettingSocket id={id} row={row} linked={isLink(value)} problem={problem} />
          <Setting node={id} setting={row.setting} value={value} />
        </>
      );
  }
}

function More({ id, count }: { id: string; count: number }) {
  const t = useT();
  const edit = useEdit();
  const label = count > 0 ? t("canvas.more", { count }) : t("canvas.less");
  return (
    <button type="button" className={`${styles.more} nodrag`} aria-expanded={count === 0} onClick={() => edit("edit.expand", {}, setListed("expanded", [id], count > 0))}>
      <Icon name={count > 0 ? "down" : "minus"} size={12} />
      {label}
    </button>
  );
}

function SettingSocket({ id, row, linked, problem }: { id: string; row: Extract<Row, { kind: "setting" }>; linked: boolean; problem: Severity | undefined }) {
  const type = linkTypeOf(row.setting);
  return type ? <Socket node={id} side="in" name={row.setting.name} type={type} linked={linked} problem={problem} shy /> : null;
}

function OutputRow({ id, row, first }: { id: string; row: Extract<Row, { kind: "output" }>; first: boolean }) {
  return (
    <>
      <FactHint output={`${id}.${row.name}`} />
      <span className={styles.label}>{labelOf(row.name)}</span>
      <Socket node={id} side="out" name={row.name} type={row.type} linked first={first} />
    </>
  );
}

function CollapsedSockets({ id, data }: { id: string; data: NodeData }) {
  return (
    <div className={styles.folded}>
      {data.geometry.sockets.map(({ side, name, type }, at) => (
        <Socket key={`${side}:${name}`} node={id} side={side} name={name} type={type} linked first={at === 0} />
      ))}
    </div>
  );
}

function nameOf(row: Row): string {
  if (row.kind === "more") return "";
  if (row.kind === "input") return row.port.name;
  return row.kind === "setting" ? row.setting.name : row.name;
}

function keyOf(row: Row): string {
  return `${row.kind}:${nameOf(row)}`;
}
