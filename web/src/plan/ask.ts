import { type Problem, type Schemas } from "../api/client";
import { type WorkflowFile } from "../document/model";
import { type Session } from "../session";
import { type Steps, blockedBy, plannedFrom, withoutBlocked } from "./predict";

export interface Asking {
  api: Session["api"];
  /** What its runs are called: the engine tells what changed since earlier ones, and how long they took. */
  name: string;
  signal: AbortSignal;
}

/** Asks what would run. Where errors stand in the way, it asks again for the part they leave alone. */
export async function askPlan(file: WorkflowFile, asking: Asking): Promise<Steps> {
  const whole = await post(file, asking);
  if (whole.ok) return plannedFrom(file, whole.steps, problemsOf(whole));
  const blocked = blockedBy(file, problemsOf(whole));
  const part = withoutBlocked(file, blocked);
  if (Object.keys(blocked).length === 0 || Object.keys(part.nodes).length === 0) return blocked;
  const rest = await post(part, asking);
  return rest.ok ? { ...plannedFrom(part, rest.steps, problemsOf(rest)), ...blocked } : blocked;
}

async function post(workflow: WorkflowFile, { api, name, signal }: Asking): Promise<Schemas["Planned"]> {
  const { data } = await api.POST("/api/v1/plan", { body: { workflow, name }, signal });
  if (!data) throw new TypeError("the plan brought no answer");
  return data;
}

/** The generated types know less of a problem than the server sends. */
function problemsOf(planned: Schemas["Planned"]): readonly Problem[] {
  return planned.problems as unknown as Problem[];
}
