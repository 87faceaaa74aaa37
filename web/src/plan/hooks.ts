import { useMemo } from "react";
import { useStore } from "zustand";
import { type Translate, useT } from "../i18n/t";
import { useSession } from "../session";
import { type PlannedStep, isVisible } from "./store";

export interface NodePlan extends PlannedStep {
  reason: string;
}

/** What a run would do with a node; undefined while nobody looks at the plan. */
export function usePlan(nodeId: string): NodePlan | undefined {
  const t = useT();
  const step = useStore(useSession().plan, (state) => (isVisible(state) ? state.steps[nodeId] : undefined));
  return useMemo(() => step && { ...step, reason: reasonText(t, step.reason) }, [step, t]);
}

function reasonText(t: Translate, reason: PlannedStep["reason"]): string {
  if (typeof reason === "string") return reason;
  return reason.key === "plan.waits" ? t(reason.key, { node: reason.node }) : t(reason.key);
}

/** For the Run button: pointing at it, by pointer or keys, shows what it would do; pressing it shows what it does. */
export function usePlanPeek() {
  const { plan } = useSession();
  const show = (): void => plan.show(true);
  const hide = (): void => plan.show(false);
  return { onPointerEnter: show, onPointerLeave: hide, onFocus: show, onBlur: hide, onClickCapture: hide };
}
