// PCL-5 totals before and after treatment: one thin line per patient (of many, deciles) and the mean with its interval.
"use strict";

{
  const HIGHEST = 80;
  // Where the baseline stands on the axis of square roots of days.
  const BASELINE = -3;

  const place = (day) => (day === null ? BASELINE : Math.sqrt(day));
  const round = (total) => total.toFixed(1);

  // The exact number is in the table and the tooltip.
  const short = (number) => (number < 10000 ? number.toLocaleString("en-US") : `${Math.round(number / 1000)}k`);

  // One mark per item at the places that `points` gives for it.
  function marks(name, items, points, style) {
    return {
      name, type: "custom", silent: true, data: items.map((_, index) => [index, index]), tooltip: { show: false },
      renderItem: (params, api) => ({
        type: "polyline", silent: true,
        shape: { points: points(items[params.dataIndex]).map((point) => api.coord(point)) },
        style: { fill: "none", ...style },
      }),
    };
  }

  function band(visits, lower, upper, look) {
    const corners = [
      ...visits.map((visit) => [place(visit.day), visit.deciles[lower]]),
      ...visits.map((visit) => [place(visit.day), visit.deciles[upper]]).reverse(),
    ];
    return {
      name: "Deciles", type: "custom", silent: true, data: [[0, 0]], tooltip: { show: false },
      renderItem: (params, api) => ({
        type: "polygon", silent: true, shape: { points: corners.map((point) => api.coord(point)) },
        style: { fill: look.chart6, opacity: 0.14 },
      }),
    };
  }

  function many(data, look) {
    const visits = data.visits.filter((visit) => visit.deciles);
    const median = { stroke: look.chart6, lineWidth: 1.5 };
    return [
      ...[0, 1, 2, 3].map((from) => band(visits, from, 8 - from, look)),
      marks("Median", [visits], (all) => all.map((visit) => [place(visit.day), visit.deciles[4]]), median),
    ];
  }

  function each(data, look) {
    const points = ([baseline, seen]) => [[BASELINE, baseline], ...seen.map(([day, total]) => [place(day), total])];
    const faint = data.lines.length > 60 ? 0.2 : 0.4;
    return [marks("Patients", data.lines, points, { stroke: look.chart6, lineWidth: 1, opacity: faint })];
  }

  function mean(data, look) {
    return {
      name: "Mean", type: "line", z: 5, symbol: "circle", symbolSize: 8, animation: false,
      lineStyle: { color: look.chart1, width: 3 },
      itemStyle: { color: look.chart1, borderColor: look.surface, borderWidth: 1.5, opacity: 1 },
      label: {
        show: true, position: [11, -15], color: look.ink, fontSize: look.small, fontWeight: 600,
        textBorderColor: look.surface, textBorderWidth: 3, formatter: ({ value }) => round(value[1]),
      },
      labelLayout: { hideOverlap: true },
      data: data.visits.map((visit) => [place(visit.day), visit.mean]),
      markArea: {
        silent: true, itemStyle: { color: look.accent, opacity: 0.09 },
        data: data.visits.slice(1).map((visit) => [{ xAxis: place(visit.from) }, { xAxis: place(visit.to) }]),
      },
      markLine: {
        silent: true, symbol: "none", animation: false,
        lineStyle: { color: look.cut, type: [5, 4], width: 1.25 },
        label: { position: "insideStartBottom", color: look.ink, fontSize: look.tiny, fontWeight: 600 },
        data: [{ yAxis: data.cut, label: { formatter: `Cut ${data.cut}` } }],
      },
    };
  }

  function build(data, look) {
    if (!data.visits.length) return {};
    const last = data.visits[data.visits.length - 1];
    const ends = (visit) => visit.ci95.map((total) => [place(visit.day), total]);
    const named = new Map(data.visits.map((visit) => [place(visit.day), visit]));
    const tick = (at) => {
      const visit = named.get(at);
      return `${visit.day === null ? (look.narrow ? "Base" : "Baseline") : visit.day}${look.narrow ? "" : `\nn ${short(visit.n)}`}`;
    };
    return {
      grid: { left: 30, right: 30, top: 10, bottom: look.narrow ? 24 : 40 },
      xAxis: {
        type: "value", min: BASELINE - 1, max: place(last.to), splitLine: { show: false },
        axisLine: { lineStyle: { color: look.axis } },
        axisTick: { show: true, customValues: [...named.keys()], lineStyle: { color: look.axis } },
        axisLabel: { customValues: [...named.keys()], color: look.text, fontSize: look.tiny, lineHeight: 15, formatter: tick },
      },
      yAxis: {
        type: "value", min: 0, max: HIGHEST, interval: 20, axisLine: { show: false, onZero: false }, axisTick: { show: false },
        axisLabel: { color: look.text, fontSize: look.tiny }, splitLine: { lineStyle: { color: look.grid } },
      },
      tooltip: {
        trigger: "item",
        formatter: ({ dataIndex }) => {
          const visit = data.visits[dataIndex];
          const interval = visit.ci95 ? ` (95 % CI ${visit.ci95.map(round).join(" to ")})` : "";
          return `${visit.label}, n ${visit.n.toLocaleString("en-US")}\nMean ${round(visit.mean)}${interval}`;
        },
      },
      series: [
        ...(data.lines ? each(data, look) : many(data, look)),
        { ...marks("Interval", data.visits.filter((visit) => visit.ci95), ends, { stroke: look.chart1, lineWidth: 3 }), z: 4 },
        mean(data, look),
      ],
    };
  }

  tidemark.whenever("trajectories", (element) => tidemark.chart(element, build));
}
