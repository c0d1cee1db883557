// How many patients have each status today: a bar with the shape of the status at its foot.
"use strict";

{
  function build(data, look) {
    const rows = data.rows;
    if (!rows.length) return {};
    const label = (row) => row.count.toLocaleString("en-US");
    return {
      grid: { left: look.narrow ? 150 : 158, right: 52, top: 4, bottom: 4 },
      xAxis: { type: "value", min: 0, axisLabel: { show: false }, splitLine: { show: false } },
      yAxis: {
        type: "category", inverse: true, data: rows.map((row) => row.words),
        axisLine: { lineStyle: { color: look.axis } }, axisTick: { show: false },
        axisLabel: { color: look.ink, fontSize: look.small, margin: 26 },
      },
      series: [
        {
          name: "Patients", type: "bar", barMaxWidth: 18, silent: true,
          itemStyle: { borderRadius: [0, 3, 3, 0] },
          label: { show: true, position: "right", color: look.ink, fontSize: look.medium, formatter: ({ dataIndex }) => label(rows[dataIndex]) },
          data: rows.map((row) => ({ value: row.count, itemStyle: { color: look[row.shape] } })),
        },
        {
          name: "Status", type: "scatter", silent: true,
          data: rows.map((row) => ({
            value: 0,
            symbol: look.shapes[row.shape],
            symbolSize: row.shape === "none" ? [12, 4] : 11,
            symbolOffset: [-14, 0],
            itemStyle: { color: look[row.shape], opacity: 1 },
          })),
        },
      ],
    };
  }

  tidemark.whenever("status-mix", (element) => tidemark.chart(element, build));
}
