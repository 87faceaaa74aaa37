/** Has the server check the document, a moment after each change; only the newest answer counts. */

import { ApiProblem, type Problem } from "../api/client";
import { type WorkflowFile } from "../document/model";
import { onDocument } from "../document/watch";
import { type Session } from "../session";
import { type Facts } from "./facts";
import { type Answer, answered } from "./store";

const TYPING_PAUSE_MS = 250;
const FIRST_RETRY_MS = 2_000;
const LONGEST_RETRY_MS = 15_000;

export type Watched = Pick<Session, "api" | "tabs" | "check" | "run">;

export function watchCheck({ api, tabs, check, run }: Watched): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let asking: AbortController | undefined;
  let retry = FIRST_RETRY_MS;
  let checked: WorkflowFile | undefined;

  const later = (pause: number): void => {
    clearTimeout(timer);
    timer = setTimeout(() => void look(), pause);
  };

  const look = async (): Promise<void> => {
    asking?.abort();
    const { signal } = (asking = new AbortController());
    const { document, name } = tabs.current();
    checked = document.getState().file;
    check.setState({ status: "checking" });
    try {
      const answer = await ask(api, checked, name, signal);
      if (signal.aborted) return;
      retry = FIRST_RETRY_MS;
      check.setState((before) => ({ ...answered(before, answer), status: "done" }));
    } catch (error) {
      if (!signal.aborted) fail(error);
    }
  };

  const fail = (error: unknown): void => {
    if (error instanceof ApiProblem) {
      const answer = { problems: error.problems, facts: {}, hidden: 0 };
      check.setState((before) => ({ ...answered(before, answer), status: "refused", message: error.message }));
      return;
    }
    check.setState({ status: "unreachable" });
    later(retry);
    retry = Math.min(retry * 2, LONGEST_RETRY_MS);
  };

  const stops = [
    onDocument(tabs, () => isSameToCheck(checked, tabs.current().document.getState().file) || later(TYPING_PAUSE_MS)),
    check.subscribe((now, before) => now.asked !== before.asked && later(0)),
    // A server that came back may know other nodes and models.
    run.subscribe((now, before) => now.connection === "live" && before.connection === "lost" && later(0)),
  ];
  later(0);
  return () => {
    clearTimeout(timer);
    asking?.abort();
    for (const stop of stops) stop();
  };
}

/** Where nodes lie and what notes say makes no problem: moving things asks nothing. */
function isSameToCheck(a: WorkflowFile | undefined, b: WorkflowFile): boolean {
  return a !== undefined && a.nodes === b.nodes && a.parameters === b.parameters && a.format === b.format;
}

async function ask(api: Session["api"], workflow: WorkflowFile, name: string | undefined, signal: AbortSignal): Promise<Answer> {
  const { data } = await api.POST("/api/v1/check", { body: { workflow, name }, signal });
  if (!data) throw new TypeError("the check brought no answer");
  // The generated types know less of a problem and of facts than the server sends.
  return { problems: data.problems as unknown as Problem[], facts: data.facts as unknown as Facts, hidden: data.hidden };
}
