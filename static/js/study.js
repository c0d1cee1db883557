// This clinic beside the published study: rates with intervals on 0-100 %, totals before and after on 0-80.
"use strict";

{
  const RATES = ["response", "remission"];
  const HIGHEST = 80;

  // A mark with its interval, beside or (on a narrow screen) above it what it says.
  function row(look, clinic, side) {
    return (params, api) => {
      const item = side.items[params.dataIndex];
      const gap = (clinic ? -1 : 1) * (look.narrow ? 13 : 10);
      const [x, middle] = api.coord([item.at, params.dataIndex]);
      const y = middle + gap;
      const colour = clinic ? look.chart1 : look.ink2;
      const children = [];
      if (item.ends) {
        const [from, to] = item.ends.map((end) => api.coord([end, params.dataIndex])[0]);
        children.push({ type: "line", shape: { x1: from, y1: y, x2: to, y2: y }, style: { stroke: colour, lineWidth: clinic ? 2.5 : 1.5 } });
      }
      if (item.before !== undefined) {
        const start = api.coord([item.before, params.dataIndex])[0];
        children.push({ type: "circle", shape: { cx: start, cy: y, r: 4.5 }, style: { fill: look.surface, stroke: colour, lineWidth: 2 } });
      }
      children.push(clinic
        ? { type: "circle", shape: { cx: x, cy: y, r: 5.5 }, style: { fill: colour } }
        : { type: "polygon", shape: { points: [[x, y - 6], [x + 6, y], [x, y + 6], [x - 6, y]] }, style: { fill: look.surface, stroke: colour, lineWidth: 2 } });
      const words = { text: item.words, fill: clinic ? look.ink : look.text, font: `${look.tiny}px ${look.font}` };
      children.push(look.narrow
        ? { type: "text", x: params.coordSys.x, y: y + (clinic ? -13 : 13), style: { ...words, verticalAlign: "middle" } }
        : { type: "text", x: params.coordSys.x + params.coordSys.width + 14, y, style: { ...words, verticalAlign: "middle" } });
      return { type: "group", silent: true, children };
    };
  }

  function series(name, look, clinic, items, at) {
    const drawn = items.filter((item) => item.at !== null);
    return {
      name, type: "custom", silent: true, xAxisIndex: at, yAxisIndex: at, tooltip: { show: false },
      data: drawn.map((item, index) => [item.at, index]),
      renderItem: row(look, clinic, { items: drawn }),
    };
  }

  function rates(side) {
    return RATES.map((name) => ({
      at: side[name] ? 100 * side[name].rate : null,
      ends: side[name] && side[name].ci95 ? side[name].ci95.map((end) => 100 * end) : null,
      words: side.words[name],
    }));
  }

  const totals = (side) => [{ at: side.after, before: side.before, ends: [side.before, side.after], words: side.words.total }];

  function build(data, look) {
    const box = { left: 84, right: look.narrow ? 16 : 226 };
    const rows = { type: "category", inverse: true, axisLine: { show: false }, axisTick: { show: false }, axisLabel: { color: look.ink, fontSize: look.small, fontWeight: 600, align: "left", margin: 80 } };
    const scale = { type: "value", min: 0, axisLabel: { color: look.text, fontSize: look.tiny }, splitLine: { lineStyle: { color: look.grid } } };
    return {
      grid: [{ ...box, top: 6, height: "48%" }, { ...box, bottom: 26, height: "20%" }],
      xAxis: [
        { ...scale, gridIndex: 0, max: 100, interval: 25, axisLabel: { ...scale.axisLabel, formatter: "{value} %" } },
        { ...scale, gridIndex: 1, max: HIGHEST, interval: 20 },
      ],
      yAxis: [
        { ...rows, gridIndex: 0, data: ["Response", "Remission"] },
        { ...rows, gridIndex: 1, data: ["PCL-5 total"] },
      ],
      series: [
        series("Clinic rates", look, true, rates(data.clinic), 0),
        series("Study rates", look, false, rates(data.study), 0),
        series("Clinic totals", look, true, totals(data.clinic), 1),
        series("Study totals", look, false, totals(data.study), 1),
        {
          name: "Cut", type: "scatter", xAxisIndex: 1, yAxisIndex: 1, data: [], silent: true,
          markLine: {
            silent: true, symbol: "none", animation: false, lineStyle: { color: look.cut, type: [5, 4], width: 1.25 },
            label: { formatter: `Cut ${data.cut}`, color: look.ink, fontSize: look.tiny, fontWeight: 600, position: "start" },
            data: [{ xAxis: data.cut }],
          },
        },
      ],
    };
  }

  tidemark.whenever("study", (element) => tidemark.chart(element, build));
}
