// Shows the values of a chart at the pointer. Without it the page is the same but for that.
"use strict";
(function () {
  const SVG = "http://www.w3.org/2000/svg";

  function number(v) {
    const size = Math.abs(v);
    if (v !== 0 && (size < 1e-3 || size >= 1e7)) return v.toExponential(2).replace("e+", "e");
    return v.toLocaleString("en-US", { maximumSignificantDigits: 5 });
  }

  function nearest(xs, x) {
    let low = 0, high = xs.length - 1;
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if (xs[middle] <= x) low = middle; else high = middle;
    }
    return Math.abs(xs[low] - x) <= Math.abs(xs[high] - x) ? low : high;
  }

  function row(tip, name, value) {
    const line = document.createElement("span");
    const label = document.createElement("i");
    label.textContent = name;
    const figure = document.createElement("b");
    figure.textContent = value;
    line.append(label, figure);
    tip.append(line);
  }

  function head(tip, name, x) {
    const b = document.createElement("b");
    b.textContent = name + " " + number(x);
    tip.append(b);
  }

  // Where a value is between the ends of the axis, 0 to 1; and the value that is there.
  function part(data, x) {
    return data.log ? Math.log(x / data.low) / Math.log(data.high / data.low)
                    : (x - data.low) / (data.high - data.low);
  }
  function valueAt(data, share) {
    return data.log ? data.low * Math.pow(data.high / data.low, share)
                    : data.low + share * (data.high - data.low);
  }

  function curves(tip, data, x) {
    const longest = data.series.reduce((a, s) => (s.x.length > a.x.length ? s : a));
    const at = longest.x[nearest(longest.x, x)];
    head(tip, data.name, at);
    for (const s of data.series) {
      const i = nearest(s.x, at);
      const near = Math.abs(part(data, s.x[i]) - part(data, at)) <= 1 / 20;
      if (near) row(tip, s.name + (s.x[i] === at ? "" : " (at " + number(s.x[i]) + ")"), number(s.y[i]));
    }
    return at;
  }

  function cells(tip, data, x, y) {
    let i = data.x.findIndex((end) => x <= end);
    if (i < 0) i = data.x.length - 1;
    let r = data.rows.findIndex((c) => y < c.top + data.rowHeight);
    if (r < 0) r = data.rows.length - 1;
    head(tip, data.name, data.x[i]);
    row(tip, data.rows[r].name, number(data.rows[r].y[i]) + " × mean");
    return data.x[i];
  }

  for (const box of document.querySelectorAll(".drawing")) {
    const svg = box.querySelector("svg");
    const data = JSON.parse(box.querySelector("script").textContent);
    const tip = document.createElement("div");
    tip.className = "tip";
    const line = document.createElementNS(SVG, "line");
    line.setAttribute("class", "pointer");

    function show(event) {
      const frame = svg.getBoundingClientRect();
      const view = svg.viewBox.baseVal;
      const scale = view.width / frame.width;
      const px = (event.clientX - frame.left) * scale;
      const py = (event.clientY - frame.top) * scale;
      const share = Math.min(1, Math.max(0, (px - data.from) / (data.to - data.from)));
      const x = valueAt(data, share);
      tip.replaceChildren();
      const at = data.rows ? cells(tip, data, x, py) : curves(tip, data, x);
      const place = data.from + part(data, at) * (data.to - data.from);
      line.setAttribute("x1", place);
      line.setAttribute("x2", place);
      line.setAttribute("y1", 6);
      line.setAttribute("y2", view.height - 24);
      if (!line.parentNode) { svg.append(line); box.append(tip); }
      const left = place / scale;
      const beyond = left + tip.offsetWidth + 14 > frame.width;
      tip.style.left = Math.max(0, beyond ? left - tip.offsetWidth - 10 : left + 10) + "px";
    }

    function hide() { line.remove(); tip.remove(); }

    svg.addEventListener("pointermove", show);
    svg.addEventListener("pointerdown", show);
    svg.addEventListener("pointerleave", hide);
  }
})();
