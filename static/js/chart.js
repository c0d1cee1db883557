// What every chart shares: numbers from the page, colours from the tokens, drawn again when the theme, width or paper changes.
//
// <div id="x" data-source="x-data" role="img" aria-label="…"> shows the numbers of the json_script element #x-data.
// tidemark.whenever(id, start): start(element) draws it, now and whenever the page has another element in its place.
// tidemark.chart(element, build, tall): build(data, look) returns an ECharts option; tall(data, width), if given, how many
// pixels high it is at least, on paper exactly. The instance is tidemark.charts[element.id]
// and stays the same for the life of the element, so handlers put on it stay too.
"use strict";

{
  // A sheet of A4 with the page's margins and the card's padding, in CSS pixels.
  const PAPER = { width: 640, narrow: false };
  const NARROW = 520;
  const DEFAULT_HEIGHT = 320;

  const ROLES = {
    ink: "ink", ink2: "ink-2", ink3: "ink-3", line: "line", lineStrong: "line-strong",
    canvas: "canvas", surface: "surface", raised: "raised", sunken: "sunken",
    accent: "accent", accentSoft: "accent-soft", accentLine: "accent-line",
    info: "info", warn: "warn", warnSoft: "warn-soft", danger: "danger", dangerSoft: "danger-soft",
    remission: "remission", response: "response", none: "none", relapsed: "relapsed", worsened: "worsened", pending: "pending",
    chart1: "chart-1", chart2: "chart-2", chart3: "chart-3", chart4: "chart-4", chart5: "chart-5", chart6: "chart-6",
    axis: "chart-axis", grid: "chart-grid", text: "chart-text", band: "chart-band", cut: "cut",
    heat0: "heat-0", heat1: "heat-1", heat2: "heat-2", heat3: "heat-3", heat4: "heat-4", heat5: "heat-5",
    font: "font",
  };
  const SIZES = { tiny: "text-2xs", small: "text-xs", medium: "text-sm", base: "text-base" };

  // The shapes of static/icons.svg as ECharts symbols: a status is a shape, never a colour alone.
  const SHAPES = {
    remission: "diamond",
    response: "circle",
    none: "path://M0 4h12v4H0Z",
    relapsed: "path://M5 0 0 4 5 8V5.500h2.500a2 2 0 0 1 0 4.500H3v2.500h4.500a4.500 4.500 0 0 0 0-9.500H5Z",
    worsened: "triangle",
    pending: "path://M6 0a6 6 0 1 0 0 12A6 6 0 0 0 6 0Zm0 2a4 4 0 1 1 0 8 4 4 0 0 1 0-8Z",
  };

  const dark = window.matchMedia("(prefers-color-scheme: dark)");
  const still = window.matchMedia("(prefers-reduced-motion: reduce)");
  const paper = window.matchMedia("print");
  const redraws = new Map();
  const starts = new Map();
  const charts = {};
  const undrawn = new Set();
  const soon = window.requestIdleCallback || ((call) => setTimeout(call, 50));
  const seen = new IntersectionObserver((entries) => {
    for (const entry of entries) if (entry.isIntersecting) drawNow(entry.target);
  }, { rootMargin: "200px" });
  let printing = paper.matches;

  // Colours as they are here and now; on paper the light ones, whatever the screen shows.
  function lookOf(element, width) {
    const place = printing ? document.body.appendChild(document.createElement("i")) : element;
    if (printing) place.dataset.bsTheme = "light";
    const style = getComputedStyle(place);
    const rem = parseFloat(getComputedStyle(document.documentElement).fontSize);
    const token = (name) => style.getPropertyValue(`--tm-${name}`).trim();
    const look = { shapes: SHAPES, still: printing || still.matches, print: printing, width, narrow: width < NARROW };
    for (const [name, role] of Object.entries(ROLES)) look[name] = token(role);
    for (const [name, size] of Object.entries(SIZES)) look[name] = parseFloat(token(size)) * rem;
    if (printing) place.remove();
    return look;
  }

  // What no chart has to say itself. What it says of the same thing wins.
  function complete(option, look, words) {
    const text = { color: look.text, fontFamily: look.font, fontSize: look.tiny };
    return {
      ...option,
      animation: !look.still && (option.animation ?? true),
      animationDuration: 200,
      animationDurationUpdate: 200,
      aria: { enabled: true, label: { description: words }, ...option.aria },
      textStyle: { ...text, ...option.textStyle },
      tooltip: option.tooltip && {
        confine: true,
        backgroundColor: look.raised,
        borderColor: look.lineStrong,
        borderWidth: 1,
        padding: [8, 10],
        textStyle: { ...text, color: look.ink, fontSize: look.small },
        ...option.tooltip,
        renderMode: "richText", // HTML would need inline styles, which the page's policy refuses
      },
    };
  }

  // Draws `build` into the element and keeps it drawn; returns the instance.
  function chart(element, build, tall) {
    const data = JSON.parse(document.getElementById(element.dataset.source).textContent);
    const words = element.getAttribute("aria-label") || "";
    const size = () => {
      const width = printing ? PAPER.width : element.clientWidth;
      const least = tall && width ? tall(data, width) : 0;
      if (least) element.style.flexBasis = `${least}px`;
      return { width, height: (printing && least) || element.clientHeight || DEFAULT_HEIGHT };
    };
    const first = size();
    const instance = echarts.init(element, null, {
      renderer: "svg", width: first.width || PAPER.width, height: first.height,
    });
    charts[element.id] = instance;
    let behind = false;
    const draw = () => {
      if (!element.isConnected) return;
      const { width, height } = size();
      behind = !width; // its table is shown: drawn when it is seen again
      if (behind) return;
      const look = lookOf(element, width);
      instance.resize({ width, height, silent: true });
      instance.setOption(complete(build(data, look), look, words), { notMerge: true });
      instance.getZr().flush();
      element.querySelector("svg").setAttribute("viewBox", `0 0 ${width} ${height}`); // may shrink on narrower paper
    };
    redraws.set(element, draw);
    draw();
    new ResizeObserver((_, observer) => {
      if (!element.isConnected) { // the page has another one in its place, and this chart was disposed of
        observer.disconnect();
        return;
      }
      const { width, height } = size();
      if (behind || width !== instance.getWidth() || height !== instance.getHeight()) draw();
    }).observe(element);
    return instance;
  }

  // Starts the chart with this id, and again whenever the page has another element in its place.
  function whenever(id, start) {
    starts.set(id, start);
    begin(id);
  }

  // Drawing takes a moment: at once what is about to be seen, the others one by one while nothing else is to be done.
  function begin(id) {
    const element = document.getElementById(id);
    if (!element || redraws.has(element) || undrawn.has(element)) return;
    undrawn.add(element);
    seen.observe(element);
    if (undrawn.size === 1) soon(drawOne);
  }

  function drawNow(element) {
    seen.unobserve(element);
    if (undrawn.delete(element) && element.isConnected) starts.get(element.id)(element);
  }

  function drawOne() {
    const [element] = undrawn;
    if (!element) return;
    drawNow(element);
    soon(drawOne);
  }

  function drawAll() {
    for (const element of [...undrawn]) drawNow(element);
  }

  document.addEventListener("tidemark:changed", () => {
    for (const element of [...redraws.keys()].filter((one) => !one.isConnected)) {
      redraws.delete(element);
      echarts.getInstanceByDom(element)?.dispose();
    }
    for (const id of starts.keys()) begin(id);
  });

  function redrawAll() {
    for (const draw of redraws.values()) draw();
  }

  function setPrinting(on) {
    if (printing === on) return;
    printing = on;
    if (on) drawAll();
    redrawAll();
  }

  dark.addEventListener("change", redrawAll);
  still.addEventListener("change", redrawAll);
  paper.addEventListener("change", () => setPrinting(paper.matches));
  window.addEventListener("beforeprint", () => setPrinting(true));
  window.addEventListener("afterprint", () => setPrinting(false));

  // Chart | Table
  document.addEventListener("click", (event) => {
    const button = event.target.closest(".tm-figure [data-shows]");
    if (!button) return;
    const figure = button.closest(".tm-figure");
    for (const other of figure.querySelectorAll("[data-shows]")) {
      other.setAttribute("aria-pressed", String(other === button));
    }
    for (const panel of figure.querySelectorAll("[data-panel]")) {
      panel.hidden = panel.dataset.panel !== button.dataset.shows;
    }
  });

  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-print]")) window.print();
  });

  window.tidemark = Object.assign(window.tidemark || {}, { charts, chart, drawAll, whenever });
}
