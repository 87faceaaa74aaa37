import { useMemo } from "react";
import { type Change } from "../document/commands/change";
import { type TextKey, translator } from "../i18n/t";
import { type Session, useSession } from "../session";

export type Edit = (label: TextKey, values: Record<string, string | number>, change: Change, gesture?: string) => void;

/** Changes the document in front, under a name the undo menu and the live region tell. */
export function editOf(session: Session): Edit {
  return (label, values, change, gesture) => {
    const t = translator(session.settings.getState().language);
    session.document.apply({ label: t(label, values), do: change, gesture });
  };
}

export function useEdit(): Edit {
  const session = useSession();
  return useMemo(() => editOf(session), [session]);
}
