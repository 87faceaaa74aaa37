/**
 * Does something once no button is held. Some systems ask for a context menu while the button goes down: a menu shown
 * then would be closed by the button going up, as a press elsewhere closes it.
 */
export function afterRelease(buttons: number, then: () => void): void {
  if (buttons === 0) return then();
  const ends = ["pointerup", "pointercancel"] as const;
  const released = (): void => {
    ends.forEach((end) => window.removeEventListener(end, released));
    setTimeout(then);
  };
  ends.forEach((end) => window.addEventListener(end, released));
}
