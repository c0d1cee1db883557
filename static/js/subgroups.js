// Mean reduction by subgroup: a square sized by n with its interval in each row, beside the mean of all.
"use strict";

{
  const ROW = 19;
  const HIGHEST_ROW = 26;
  const HEAD = 24;
  const FOOT = 40;
  // Sides of the squares, in pixels.
  const SMALLEST = 4;
  const LARGEST = 16;
  const STEPS = [5, 10, 20];

  // Titles of groups and their rows, from above.
  const lines = (data) => data.groups.flatMap((group) => [{ title: group.label }, ...group.rows]);

  function scale(data, look) {
    const ends = [data.all, ...data.groups.flatMap((group) => group.rows)].flatMap((row) => row.ci95);
    const low = Math.min(0, ...ends);
    const high = Math.max(...ends);
    const interval = STEPS.find((step) => (high - low) / step <= (look.narrow ? 4 : 6)) || STEPS[STEPS.length - 1];
    return { min: Math.floor(low / interval) * interval, max: Math.max(Math.ceil(high / interval), 1) * interval, interval };
  }

  function columns(look) {
    return look.narrow
      ? { indent: 8, n: 146, left: 158, right: 42 }
      : { indent: 12, n: 172, left: 192, right: 132 };
  }

  function write(text, x, y, look, style) {
    return {
      type: "text", x, y, silent: true,
      style: { text, fill: look.text, font: `${look.tiny}px ${look.font}`, verticalAlign: "middle", ...style },
    };
  }

  function mark(row, api, index, most, look) {
    const [from, y] = api.coord([row.ci95[0], index]);
    const to = api.coord([row.ci95[1], index])[0];
    const x = api.coord([row.mean, index])[0];
    const side = Math.max(SMALLEST, LARGEST * Math.sqrt(row.n / most)); // the area is the number of patients
    return [
      { type: "line", shape: { x1: from, y1: y, x2: to, y2: y }, style: { stroke: look.chart1, lineWidth: 2.25 } },
      { type: "rect", shape: { x: x - side / 2, y: y - side / 2, width: side, height: side, r: 1 }, style: { fill: look.chart1 } },
    ];
  }

  function line(rows, most, look) {
    const at = columns(look);
    const strong = { fill: look.ink, font: `600 ${look.tiny}px ${look.font}` };
    return (params, api) => {
      const index = params.dataIndex;
      const row = rows[index];
      const y = api.coord([0, index])[1];
      if (row.title) return write(row.title, 0, y, look, strong);
      const right = params.coordSys.x + params.coordSys.width + at.right;
      return {
        type: "group",
        children: [
          write(row.label, at.indent, y, look),
          write(row.n.toLocaleString("en-US"), at.n, y, look, { align: "right" }),
          ...mark(row, api, index, most, look),
          write(look.narrow ? row.short : row.words, right, y, look, { align: "right", fill: look.ink }),
        ],
      };
    };
  }

  function overall(data, look) {
    return {
      silent: true, symbol: "none", animation: false,
      lineStyle: { color: look.cut, type: [5, 4], width: 1.25 },
      label: { formatter: `All ${data.all.short}`, position: "start", color: look.ink, fontSize: look.tiny, fontWeight: 600, distance: 6 },
      data: [{ xAxis: data.all.mean }],
    };
  }

  function build(data, look, height) {
    const rows = lines(data);
    const at = columns(look);
    const most = Math.max(...data.groups.flatMap((group) => group.rows.map((row) => row.n)));
    const head = (text, x) => write(text, x, 8, look, { align: "right" });
    return {
      grid: { left: at.left, right: at.right, top: HEAD, bottom: Math.max(FOOT, height - HEAD - HIGHEST_ROW * rows.length) },
      xAxis: {
        type: "value", ...scale(data, look), name: look.narrow ? "" : "mean reduction, points", nameLocation: "middle", nameGap: 24,
        nameTextStyle: { color: look.text, fontSize: look.tiny },
        axisLine: { show: false }, axisTick: { show: false },
        axisLabel: { color: look.text, fontSize: look.tiny, formatter: (value) => String(value).replace("-", "−") },
        splitLine: { lineStyle: { color: look.grid } },
      },
      yAxis: { type: "category", inverse: true, data: rows.map((_, index) => index), show: false },
      graphic: [head("n", at.n), head(look.narrow ? "Mean" : "Mean reduction (95 % CI)", look.width)],
      tooltip: {
        trigger: "item",
        formatter: ({ dataIndex }) => {
          const row = rows[dataIndex];
          return row.title || `${row.label}, n ${row.n.toLocaleString("en-US")}\nMean reduction ${row.words}`;
        },
      },
      series: [
        {
          name: "Subgroups", type: "custom", z: 3, clip: false,
          data: rows.map((row, index) => [row.title ? data.all.mean : row.mean, index]),
          renderItem: line(rows, most, look),
        },
        { name: "All", type: "scatter", data: [], silent: true, markLine: overall(data, look) },
      ],
    };
  }

  const tall = (data) => HEAD + FOOT + ROW * lines(data).length;

  tidemark.whenever("subgroups", (element) => {
    tidemark.chart(element, (data, look) => build(data, look, tidemark.charts[element.id].getHeight()), tall);
  });
}
