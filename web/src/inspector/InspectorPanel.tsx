import { useStore } from "zustand";
import { useT } from "../i18n/t";
import { useDocument, useSession } from "../session";
import styles from "./Inspector.module.css";
import { NodeInspector } from "./NodeInspector";
import { WorkflowInspector } from "./WorkflowInspector";

/** What is selected in full; with nothing selected, the workflow and its parameters. */
export function InspectorPanel() {
  const t = useT();
  const { ui } = useSession();
  const selection = useStore(ui, (state) => state.selection);
  const nodes = useDocument((state) => state.file.nodes);
  const ids = selection.filter((id) => nodes[id]);
  const [first] = ids;
  if (ids.length > 1) return <p className={styles.quiet}>{t("inspector.several", { count: ids.length })}</p>;
  return first === undefined ? <WorkflowInspector /> : <NodeInspector key={first} id={first} />;
}
