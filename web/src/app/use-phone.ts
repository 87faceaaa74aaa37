import { useEffect } from "react";
import { useSession } from "../session";

const PHONE = "(max-width: 700px)";

/** On a phone the outline is what one works with; the graph lies behind it, one press away. */
export function usePhone(): void {
  const { ui } = useSession();
  useEffect(() => {
    const media = matchMedia(PHONE);
    const change = (): void => {
      if (media.matches) ui.setState({ left: "outline", right: undefined });
    };
    change();
    media.addEventListener("change", change);
    return () => media.removeEventListener("change", change);
  }, [ui]);
}
