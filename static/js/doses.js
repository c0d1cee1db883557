// Dose in mg/kg by session: median, bar over the middle half, whisker over the middle four fifths where there are enough.
"use strict";

{
  const KINDS = {
    induction: { name: "Induction", colour: "chart1", sign: "●" },
    top_up: { name: "Top-ups", colour: "chart3", sign: "◇" },
  };
  const STEP = 0.25;

  // Where both phases have the same session, they stand side by side.
  function placed(sessions) {
    const both = (session) => sessions.filter((other) => other.session === session).length > 1;
    return sessions.map((one) => ({
      ...one, at: one.session + (both(one.session) ? (one.phase === "induction" ? -0.2 : 0.2) : 0),
    }));
  }

  function spread(sessions, look, colour) {
    return (params, api) => {
      const { at, quartiles, deciles } = sessions[params.dataIndex];
      const half = look.narrow ? 3.5 : 5;
      const [x, low] = api.coord([at, quartiles[0]]);
      const high = api.coord([at, quartiles[1]])[1];
      const style = { stroke: colour, lineWidth: 1.25 };
      const height = Math.max(low - high, 1);
      const { y, height: room } = params.coordSys;
      const children = [
        { type: "rect", shape: { x: x - 10, y, width: 20, height: room }, style: { fill: look.surface, opacity: 0 } },
      ];
      if (deciles) {
        const [bottom, top] = deciles.map((end) => api.coord([at, end])[1]);
        children.push({ type: "line", shape: { x1: x, y1: bottom, x2: x, y2: top }, style });
      }
      children.push({ type: "rect", shape: { x: x - half, y: high, width: 2 * half, height, r: 2 }, style: { fill: look.surface } });
      children.push({ type: "rect", shape: { x: x - half, y: high, width: 2 * half, height, r: 2 }, style: { fill: colour, opacity: 0.3 } });
      return { type: "group", children };
    };
  }

  function bars(phase, sessions, look) {
    return {
      name: `${KINDS[phase].name} spread`, type: "custom", encode: { x: 0, y: 1 },
      renderItem: spread(sessions, look, look[KINDS[phase].colour]),
      data: sessions.map((one) => [one.at, one.median]),
    };
  }

  function medians(phase, sessions, look) {
    const induction = phase === "induction";
    const colour = look[KINDS[phase].colour];
    return {
      name: KINDS[phase].name, type: "scatter", silent: true, z: 4, tooltip: { show: false },
      symbol: induction ? "circle" : "diamond", symbolSize: induction ? 9 : 12,
      itemStyle: { color: induction ? colour : look.surface, borderColor: induction ? look.surface : colour, borderWidth: induction ? 1.5 : 2, opacity: 1 },
      label: {
        show: !look.narrow, position: "right", distance: 5, color: look.ink, fontSize: look.tiny, fontWeight: 600,
        textBorderColor: look.surface, textBorderWidth: 3, formatter: ({ dataIndex }) => sessions[dataIndex].words,
      },
      labelLayout: { hideOverlap: true },
      data: sessions.map((one) => ({
        value: [one.at, one.median], label: { position: one.at < one.session ? "top" : one.at > one.session ? "bottom" : "right" },
      })),
    };
  }

  // The session and, where there is room, how many of each phase: of both phases if any session shows both.
  function ticks(drawn, look) {
    return (session) => [
      session,
      ...(look.narrow ? [] : drawn.map(([phase, sessions]) => {
        const one = sessions.find((other) => other.session === session);
        return one ? `${KINDS[phase].sign} ${one.n.toLocaleString("en-US")}` : " ";
      })),
    ].join("\n");
  }

  function build(data, look) {
    const all = placed(data.sessions);
    const phases = Object.keys(KINDS).map((phase) => [phase, all.filter((one) => one.phase === phase)]);
    const drawn = phases.filter(([, sessions]) => sessions.length);
    const highest = Math.max(...all.map((one) => (one.deciles || one.quartiles)[1]));
    const whole = Array.from({ length: data.last }, (_, at) => at + 1);
    const under = look.narrow ? 20 : 20 + 15 * drawn.length;
    return {
      grid: { left: 34, right: look.narrow ? 10 : 30, top: 24, bottom: under + 16 },
      xAxis: {
        type: "value", min: 0.4, max: data.last + 0.6, splitLine: { show: false }, name: "Session", nameLocation: "middle",
        nameGap: under, nameTextStyle: { color: look.text, fontSize: look.tiny },
        axisLine: { lineStyle: { color: look.axis }, onZero: false }, axisTick: { show: false },
        axisLabel: { customValues: whole, color: look.text, fontSize: look.tiny, lineHeight: 15, formatter: ticks(drawn, look) },
      },
      yAxis: {
        type: "value", axisLine: { show: false }, min: 0, max: Math.ceil((highest + 0.02) / STEP) * STEP, interval: STEP, name: "mg/kg", nameGap: 8,
        nameTextStyle: { color: look.text, fontSize: look.tiny, align: "right" },
        axisLabel: { color: look.text, fontSize: look.tiny, formatter: (dose) => dose.toFixed(2) },
        splitLine: { lineStyle: { color: look.grid } },
      },
      tooltip: {
        trigger: "item",
        formatter: ({ seriesIndex, dataIndex }) => {
          const one = drawn[seriesIndex % drawn.length][1][dataIndex];
          return `Session ${one.session}, ${one.told}`;
        },
      },
      series: [
        ...drawn.map(([phase, sessions]) => bars(phase, sessions, look)),
        ...drawn.map(([phase, sessions]) => medians(phase, sessions, look)),
      ],
    };
  }

  tidemark.whenever("doses", (element) => tidemark.chart(element, build));
}
