'use strict';
// Shows the numbers of a chart under the pointer. Without it the charts are whole, too.
for (const chart of document.querySelectorAll('.chart')) {
  const {x: axis, series} = JSON.parse(chart.querySelector('script').textContent);
  const plot = chart.querySelector('.plot');
  const cursor = chart.querySelector('.cursor');
  const tip = chart.querySelector('.tip');
  const width = chart.querySelector('svg').viewBox.baseVal.width;
  const text = (number) => Math.abs(number) >= 1000 ? number.toFixed(0) : Number(number.toPrecision(4)).toString();

  const nearest = (points, at) => {
    let best = null;
    for (const point of points) {
      if (best === null || Math.abs(point[2] - at) < Math.abs(best[2] - at)) best = point;
    }
    return best;
  };
  const show = (event) => {
    const box = plot.getBoundingClientRect();
    const at = (event.clientX - box.left) / box.width;
    const shown = series.filter((line) => line.points.length > 0);
    if (shown.length === 0) return;
    // The line with the fewest points, so that an epoch's numbers stand together.
    const guide = shown.reduce((a, b) => b.points.length < a.points.length ? b : a);
    const middle = nearest(guide.points, at);
    cursor.setAttribute('x1', middle[2] * width);
    cursor.setAttribute('x2', middle[2] * width);
    tip.replaceChildren();
    const head = document.createElement('div');
    head.textContent = axis + ' ' + text(middle[0]);
    tip.append(head);
    for (const line of shown) {
      const row = document.createElement('div');
      row.className = line.style;
      row.append(document.createElement('i'), line.name + '  ' + text(nearest(line.points, middle[2])[1]));
      tip.append(row);
    }
    const left = middle[2] * box.width;
    tip.style.left = left > box.width / 2 ? 'auto' : left + 12 + 'px';
    tip.style.right = left > box.width / 2 ? box.width - left + 12 + 'px' : 'auto';
    cursor.style.visibility = tip.style.visibility = 'visible';
  };
  plot.addEventListener('pointermove', show);
  plot.addEventListener('pointerdown', show);
  plot.addEventListener('pointerleave', () => { cursor.style.visibility = tip.style.visibility = 'hidden'; });
}
