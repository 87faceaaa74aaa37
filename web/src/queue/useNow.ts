import { useEffect, useState } from "react";

/** The time, again every `every` milliseconds as long as `isTicking`. */
export function useNow(isTicking: boolean, every = 500): number {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    if (!isTicking) return undefined;
    const timer = setInterval(() => setNow(Date.now()), every);
    return () => clearInterval(timer);
  }, [isTicking, every]);
  return now;
}
