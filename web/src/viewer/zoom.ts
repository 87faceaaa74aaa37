/** Zoom and place of a picture in its frame; the picture's middle is the origin. */

export interface View {
  scale: number;
  x: number;
  y: number;
}

export interface Size {
  width: number;
  height: number;
}

const LEAST = 0.02;
const MOST = 64;
const MARGIN = 0.94;

/** The whole picture; a small one is not blown up beyond four times. */
export function fitView(picture: Size, frame: Size): View {
  const whole = Math.min(frame.width / picture.width, frame.height / picture.height) * MARGIN;
  return { scale: Math.min(Math.max(whole, LEAST), 4), x: 0, y: 0 };
}

/** Zoomed so that what is under a point (from the frame's middle) stays under it. */
export function zoomAt(view: View, factor: number, point: { x: number; y: number }): View {
  const scale = Math.min(MOST, Math.max(LEAST, view.scale * factor));
  const made = scale / view.scale;
  return { scale, x: point.x - (point.x - view.x) * made, y: point.y - (point.y - view.y) * made };
}
