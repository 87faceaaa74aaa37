import { loadCatalog } from "../catalog/load";
import { watchCheck } from "../check/watch";
import { watchPlan } from "../plan/watch";
import { type Session } from "../session";
import { openStarter } from "./open-workflow";
import { fetchParts } from "./parts";

/** After this the page has what it shows first. */
const CALM_MS = 3000;

/** Sets the work going, once the server lets us in; gives back what ends it. */
export function start(session: Session): () => void {
  const stops = [watchCheck(session), watchPlan(session)];
  void loadCatalog(session.api, session.catalog);
  session.desk.live.retry();
  void session.desk.restored.then((found) => {
    const { file } = session.document.getState();
    if (!found && Object.keys(file.nodes).length === 0) void openStarter(session).catch(() => undefined);
  });
  const later = setTimeout(() => void fetchParts(), CALM_MS);
  return () => [...stops, () => clearTimeout(later)].forEach((stop) => stop());
}
