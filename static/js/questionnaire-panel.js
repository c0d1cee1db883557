// The live total beside a questionnaire. tidemark.questionnairePanel(form, data) returns draw(answers, current).
//
// data (assessments/forms/panel.py) describes the instrument. An answer is points, null where it was marked as not
// answered, undefined where it is still open; current is the number of the item in hand.
"use strict";

{
  const SVG = "http://www.w3.org/2000/svg";
  const known = (answer) => typeof answer === "number";
  const sum = (points) => points.reduce((total, each) => total + each, 0);

  // "1–5 and 9", as people say it.
  const spans = (numbers) => {
    const parts = [];
    for (const number of numbers) {
      const last = parts.at(-1);
      if (last && last[1] === number - 1) last[1] = number; else parts.push([number, number]);
    }
    const said = parts.map(([from, to]) => (from === to ? `${from}` : `${from}–${to}`));
    return said.length > 1 ? `${said.slice(0, -1).join(", ")} and ${said.at(-1)}` : said[0];
  };
  const items = (numbers) => `${numbers.length === 1 ? "Item" : "Items"} ${spans(numbers)}`;

  // What some items add up to so far, and the least and most they can end with.
  const standing = (answers, numbers, data) => {
    const mine = numbers.map((number) => answers[number - 1]);
    const points = sum(mine.filter(known));
    const open = mine.filter((answer) => answer === undefined).length;
    const low = Math.min(...data.values), high = Math.max(...data.values);
    return {
      points, open,
      keyed: mine.length - open,
      skipped: mine.filter((answer) => answer === null).length,
      from: points + open * low, to: points + open * high, highest: mine.length * high,
    };
  };

  // A part of the rule: true or false once no open or skipped item can change it, else null (rule 6).
  const verdict = (answers, part, atLeast) => {
    const mine = part.items.map((number) => answers[number - 1]);
    const endorsed = mine.filter((answer) => known(answer) && answer >= atLeast).length;
    if (endorsed >= part.needed) return true;
    return endorsed + mine.filter((answer) => !known(answer)).length < part.needed ? false : null;
  };

  const ruleInWords = (answers, rule) => {
    const verdicts = rule.needed.map((part) => ({ id: part.id, met: verdict(answers, part, rule.atLeast) }));
    if (verdicts.every((part) => part.met)) return "met";
    const named = (met) => verdicts.filter((part) => part.met === met).map((part) => part.id).join(" ");
    if (named(false)) return `not met: ${named(false)} not met`;
    const open = answers.includes(undefined) ? "open" : "undecided";
    return named(true) ? `${named(true)} met, ${named(null)} ${open}` : `not yet decided`;
  };

  const missingInWords = (answers, data, open) => {
    if (open.length) return `${items(open)} ${open.length === 1 ? "is" : "are"} to come.`;
    const skipped = answers.filter((answer) => answer === null).length;
    if (!skipped) return "Every item is answered.";
    const most = Math.max(0, ...data.subscales.map((part) => standing(answers, part.items, data).skipped));
    const few = skipped <= data.prorated.items && most <= data.prorated.inSubscale;
    return few
      ? "So few can be prorated; the prorated total is flagged."
      : `Incomplete: at most ${data.prorated.items} missing, ${data.prorated.inSubscale} in a cluster, can be prorated.`;
  };

  const shape = (parent, name, attributes) => {
    const made = document.createElementNS(SVG, name);
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
    parent.append(made);
    return made;
  };

  // From the lowest to the highest total: where it stands, where it can end, and the ring of the previous total.
  const drawStrip = (svg, now, previous) => {
    svg.replaceChildren();
    const x = (points) => 4 + (292 * points) / now.highest;
    shape(svg, "line", { class: "tm-strip__rail", x1: 4, y1: 8, x2: 296, y2: 8 });
    shape(svg, "line", { class: "tm-strip__range", x1: x(now.from), y1: 8, x2: x(now.to), y2: 8 });
    if (previous) shape(svg, "circle", { class: "tm-strip__from", cx: x(previous.total), cy: 8, r: 3.5 });
    shape(svg, "circle", { class: "tm-strip__to", cx: x(now.points), cy: 8, r: 5 });
  };

  // One square an item, with a gap before each cluster; the first item of a cluster and the last of all are numbered.
  const drawMap = (svg, answers, current, data) => {
    svg.replaceChildren();
    const starts = new Set(data.subscales.map((part) => Math.min(...part.items)));
    const gaps = [...starts].filter((number) => number > 1).length;
    const step = Math.min(20, (296 - gaps * 5) / data.items), side = Math.min(10.5, step - 3);
    let x = 0.5;
    answers.forEach((answer, index) => {
      const number = index + 1;
      if (number > 1 && starts.has(number)) x += 5;
      const look = number === current ? "now" : answer === undefined ? "open" : answer === null ? "skip" : "done";
      shape(svg, "rect", { class: `tm-map__${look}`, x, y: 0.5, width: side, height: side, rx: 2.5 });
      if (number === 1 || starts.has(number) || number === data.items) {
        shape(svg, "text", { x: x + side / 2, y: 22 }).textContent = number;
      }
      x += step;
    });
    const of = (wanted) => answers.flatMap((answer, index) => (wanted(answer) ? [index + 1] : []));
    const said = [[of(known), "answered"], [of((a) => a === null), "not answered"], [of((a) => a === undefined), "to come"]];
    svg.setAttribute("aria-label", said.filter(([which]) => which.length).map(([which, word]) => `${items(which)} ${word}`).join("; "));
  };

  const drawCluster = (row, now) => {
    row.querySelector("[data-sum]").textContent = now.keyed ? `${now.points}${now.open || now.skipped ? " +" : ""}` : "–";
    row.querySelector("[data-of]").textContent = `of ${now.highest}`;
    row.querySelector(".tm-cluster__open").setAttribute("width", (300 * now.to) / now.highest);
    row.querySelector(".tm-cluster__sum").setAttribute("width", (300 * now.points) / now.highest);
  };

  const tell = (flag, words) => {
    flag.hidden = !words;
    flag.querySelector("[data-words]").textContent = words;
  };

  window.tidemark = window.tidemark || {};
  window.tidemark.questionnairePanel = (form, data) => {
    const all = Array.from({ length: data.items }, (_, index) => index + 1);
    const part = (name) => form.querySelector(`[data-${name}]`);
    const say = (name, words) => { if (part(name).textContent !== words) part(name).textContent = words; };

    const range = (now) => {
      if (now.skipped === data.items) return "nothing answered";
      if (now.open) return `will end between ${now.from} and ${now.to}`;
      return now.skipped ? `sum of ${data.items - now.skipped} of ${data.items} items` : `of ${now.highest}`;
    };

    return (answers, current) => {
      const now = standing(answers, all, data);
      const open = all.filter((number) => answers[number - 1] === undefined);
      const skipped = all.filter((number) => answers[number - 1] === null);
      const review = data.review.filter(({ item, atLeast }) => known(answers[item - 1]) && answers[item - 1] >= atLeast);
      for (const name of ["total", "total-again"]) say(name, String(now.points));
      for (const name of ["range", "range-again"]) say(name, range(now));
      say("keyed", `${now.keyed} of ${data.items} keyed`);
      say("missing", missingInWords(answers, data, open));
      if (data.rule) say("rule", ruleInWords(answers, data.rule));
      tell(part("skips"), skipped.length ? `${items(skipped)} marked not answered` : "");
      tell(part("review"), review.map(({ item }) => `Item ${item} is ${answers[item - 1]}: tell a clinician today`).join(". "));
      drawStrip(part("strip"), now, data.previous);
      drawMap(part("map"), answers, current, data);
      for (const each of data.subscales) {
        drawCluster(part(`cluster="${CSS.escape(each.id)}"`), standing(answers, each.items, data));
      }
    };
  };
}
