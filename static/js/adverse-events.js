// Adverse events by grade and by term: of infusions a disc, of patients a diamond, each with its interval.
"use strict";

{
  // The axis ends at one of these, in per cent, so that rare events can be told apart.
  const ENDS = [5, 10, 20, 40, 60, 80, 100];
  const SIDES = ["infusions", "patients"];

  function axisEnd(rows) {
    const highest = Math.max(0, ...rows.flatMap((row) => SIDES.map((of) => (row[of].ci95 ? 100 * row[of].ci95[1] : 0))));
    return ENDS.find((end) => end >= highest) ?? 100;
  }

  function mark(of, x, y, look) {
    return of === "infusions"
      ? { type: "circle", shape: { cx: x, cy: y, r: 4.5 }, style: { fill: look.chart1 } }
      : { type: "polygon", shape: { points: [[x, y - 5.5], [x + 5.5, y], [x, y + 5.5], [x - 5.5, y]] }, style: { fill: look.surface, stroke: look.chart1, lineWidth: 2 } };
  }

  const LEGEND = { infusions: "circle", patients: "diamond" };

  // Discs above diamonds; on a narrow screen under the name of the row.
  function series(name, of, data, look) {
    const first = of === "infusions";
    const shift = look.narrow ? (first ? 1 : 14) : (first ? -8 : 8);
    const write = (text, x, y, style) => ({ type: "text", x, y, style: { text, verticalAlign: "middle", ...style } });
    return {
      name, type: "custom", clip: false,
      itemStyle: first ? { color: look.chart1 } : { color: look.surface, borderColor: look.chart1, borderWidth: 2 },
      data: data.rows.map((row, index) => [100 * row[of].rate, index]),
      renderItem: (params, api) => {
        const row = data.rows[params.dataIndex];
        const [x, middle] = api.coord([100 * row[of].rate, params.dataIndex]);
        const y = middle + shift;
        const [from, to] = row[of].ci95.map((end) => api.coord([100 * end, params.dataIndex])[0]);
        const said = look.narrow ? row.said[of].split(" (")[0] : row.said[of];
        return {
          type: "group",
          children: [
            { type: "line", shape: { x1: from, y1: y, x2: to, y2: y }, style: { stroke: look.chart1, lineWidth: first ? 2.5 : 1.5 } },
            mark(of, x, y, look),
            write(said, params.coordSys.x + params.coordSys.width + 12, y, { fill: first ? look.ink : look.text, font: `${look.tiny}px ${look.font}` }),
            ...(first && look.narrow ? [write(row.words, 0, middle - 15, { fill: look.ink, font: `${look.small}px ${look.font}` })] : []),
          ],
        };
      },
    };
  }

  // A line between the grades and the terms.
  function divider(data, look) {
    return {
      name: "Terms", type: "custom", silent: true, tooltip: { show: false }, clip: false,
      data: data.rows.length > data.grades ? [[0, data.grades]] : [],
      renderItem: (params, api) => {
        const y = api.coord([0, data.grades])[1] - api.size([0, 1])[1] / 2;
        return { type: "line", shape: { x1: 0, y1: y, x2: look.width, y2: y }, style: { stroke: look.line, lineWidth: 1 } };
      },
    };
  }

  function build(data, look) {
    const [left, right] = look.narrow ? [7, 122] : [152, 172];
    const max = axisEnd(data.rows);
    const names = SIDES.map((of) => `Of ${of}, 95 % CI`);
    return {
      legend: {
        left: -5, top: 0, selectedMode: false, itemWidth: 11, itemHeight: 11, itemGap: 16, icon: "circle",
        textStyle: { color: look.text, fontSize: look.small },
        data: SIDES.map((of, index) => ({ name: names[index], icon: LEGEND[of] })),
      },
      grid: { left, right, top: 30, bottom: 24 },
      xAxis: {
        type: "value", min: 0, max, interval: max / (look.narrow ? 2 : 4), axisLabel: { color: look.text, fontSize: look.tiny, formatter: "{value} %" },
        splitLine: { lineStyle: { color: look.grid } },
      },
      yAxis: {
        type: "category", inverse: true, data: data.rows.map((row) => row.words), axisLine: { show: false }, axisTick: { show: false },
        axisLabel: {
          show: !look.narrow, color: look.ink, fontSize: look.small, align: "left", margin: left, width: left - 10, overflow: "truncate",
        },
      },
      tooltip: {
        trigger: "item",
        formatter: ({ dataIndex }) => {
          const row = data.rows[dataIndex];
          const highest = row.highest === null ? "" : `\nHighest grade ${row.highest}`;
          return `${row.words}\nInfusions ${row.said.infusions}\nPatients ${row.said.patients}${highest}`;
        },
      },
      series: [...SIDES.map((of, index) => series(names[index], of, data, look)), divider(data, look)],
    };
  }

  tidemark.whenever("adverse-events", (element) => tidemark.chart(element, build));
}
