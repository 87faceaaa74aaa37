import { useStore } from "zustand";
import { useDocument, useSession } from "../session";

/** Says what happened to those who do not see it. */
export function LiveRegion() {
  const { ui } = useSession();
  const news = useStore(ui, (state) => state.news);
  const label = useDocument((state) => state.label);
  return (
    <>
      <div className="visually-hidden" role="status" aria-live="polite">
        {news}
      </div>
      <div className="visually-hidden" aria-live="polite">
        {label}
      </div>
    </>
  );
}
