/** What is used of d3, whose modules come without types. */
declare module 'd3-force' {
  export interface Body {
    x?: number;
    y?: number;
    fx?: number | null;
    fy?: number | null;
  }
  interface Force {}
  interface Links extends Force {
    distance(distance: number | ((link: any) => number)): Links;
    strength(strength: number | ((link: any) => number)): Links;
  }
  interface Charge extends Force {
    strength(strength: number | ((body: any) => number)): Charge;
    distanceMax(distance: number): Charge;
  }
  interface Collision extends Force {
    radius(radius: (body: any) => number): Collision;
  }
  interface Pull extends Force {
    strength(strength: number): Pull;
  }
  interface Simulation {
    force(name: string, force: Force): Simulation;
    alphaDecay(decay: number): Simulation;
    stop(): Simulation;
    tick(times?: number): Simulation;
  }
  export function forceSimulation(bodies: Body[]): Simulation;
  export function forceLink(links: object[]): Links;
  export function forceManyBody(): Charge;
  export function forceCollide(): Collision;
  export function forceX(x?: number): Pull;
  export function forceY(y?: number): Pull;
}

declare module 'd3-selection' {
  export interface Selection {
    call(what: (selection: Selection, ...more: any[]) => unknown, ...more: unknown[]): Selection;
    on(type: string, listener: null): Selection;
  }
  export function select(element: Element): Selection;
}

declare module 'd3-zoom' {
  import type { Selection } from 'd3-selection';
  export interface Transform {
    k: number;
    x: number;
    y: number;
  }
  interface Zoom {
    (selection: Selection): void;
    scaleExtent(extent: [number, number]): Zoom;
    translateExtent(extent: [[number, number], [number, number]]): Zoom;
    extent(extent: [[number, number], [number, number]]): Zoom;
    filter(wanted: (event: any) => boolean): Zoom;
    on(type: 'zoom', listener: (event: { transform: Transform }) => void): Zoom;
    scaleBy(selection: Selection, times: number): void;
    translateBy(selection: Selection, x: number, y: number): void;
    transform(selection: Selection, transform: Transform): void;
  }
  export function zoom(): Zoom;
  export const zoomIdentity: Transform;
}
