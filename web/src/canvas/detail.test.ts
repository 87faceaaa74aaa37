import { describe, expect, it } from "vitest";
import { detailFor, inView, viewBox } from "./detail";

describe("how much is drawn", () => {
  it("is all of it where it can be read and is not too much", () => {
    expect(detailFor("whole", 1, { nodes: 20, elements: 600 })).toBe("whole");
    expect(detailFor("whole", 0.5, { nodes: 90, elements: 2600 })).toBe("names");
    expect(detailFor("whole", 0.2, { nodes: 20, elements: 600 })).toBe("names");
    expect(detailFor("names", 0.1, { nodes: 3000, elements: 90_000 })).toBe("sheet");
  });

  it("does not flicker at its edges", () => {
    const near = { nodes: 190, elements: 1500 };
    expect(detailFor("whole", 0.5, near)).toBe("whole");
    expect(detailFor("names", 0.5, near)).toBe("names");
    expect(detailFor("names", 0.2, near)).toBe("names");
    expect(detailFor("sheet", 0.2, near)).toBe("sheet");
  });

  it("counts what the view touches", () => {
    const node = (x: number) => ({ position: { x, y: 0 }, data: { geometry: { width: 100, height: 50, rows: [1, 2] } } });
    const box = viewBox([-400, 0, 2], 400, 400);
    expect(box).toEqual({ x: 200, y: 0, width: 200, height: 200 });
    expect(inView([node(0), node(101), node(399), node(400)], box).nodes).toBe(2);
  });
});
