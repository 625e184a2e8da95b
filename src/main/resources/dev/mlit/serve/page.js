'use strict';
const element = id => document.getElementById(id);
// One color an expert; told apart also by who sees few of them.
const COLORS = ['#2f6fde', '#e8710a', '#1a8f6f', '#c2387a', '#8a6d00', '#7a52c7', '#3d8bb3', '#8c5a3c'];
const SIDE = 240;
let latest = 0;

function say(text, bad) {
  element('status').textContent = text;
  element('status').classList.toggle('bad', Boolean(bad));
}

async function show(file) {
  const turn = ++latest;
  say('asking the model …');
  element('classes').replaceChildren();
  element('routing').hidden = true;
  const picture = element('picture');
  if (picture.src) URL.revokeObjectURL(picture.src);
  picture.src = URL.createObjectURL(file);
  picture.hidden = false;
  try {
    const began = performance.now();
    const response = await fetch('inspect?top=5', {method: 'POST', body: file});
    const answer = await response.json();
    if (turn !== latest) return;
    if (!response.ok) throw new Error(answer.error);
    await picture.decode();
    if (turn !== latest) return;
    classes(answer.predictions);
    routing(answer, picture);
    say(`${file.name}, ${Math.round(performance.now() - began)} ms`);
  } catch (problem) {
    if (turn !== latest) return;
    picture.hidden = true;
    say(problem instanceof TypeError ? 'the server does not answer' : problem.message, true);
  }
}

function made(parent, tag, text, name) {
  const child = document.createElement(tag);
  if (text !== undefined) child.textContent = text;
  if (name) child.className = name;
  parent.append(child);
  return child;
}

function classes(predictions) {
  for (const best of predictions) {
    const row = made(element('classes'), 'li');
    made(row, 'span', best.label, 'label');
    made(row, 'span', (100 * best.probability).toFixed(1) + ' %', 'share');
    made(made(row, 'span', undefined, 'bar'), 'i').style.width = 100 * best.probability + '%';
  }
}

function routing(answer, picture) {
  element('blocks').replaceChildren();
  element('legend').replaceChildren();
  const most = Math.max(...answer.blocks.map(block => block.experts));
  for (let expert = 0; expert < most; expert++) {
    made(element('legend'), 'i').style.background = COLORS[expert % COLORS.length];
    element('legend').append(`expert ${expert + 1}`);
  }
  answer.blocks.forEach((block, number) => {
    const figure = made(element('blocks'), 'figure');
    const canvas = made(figure, 'canvas');
    made(figure, 'figcaption', `block ${number + 1}, ${block.experts} experts`);
    const longest = Math.max(picture.naturalWidth, picture.naturalHeight, 1);
    canvas.width = Math.max(1, Math.round(SIDE * picture.naturalWidth / longest));
    canvas.height = Math.max(1, Math.round(SIDE * picture.naturalHeight / longest));
    draw(canvas, picture, block.patches, answer.rows, answer.columns);
  });
  element('routing').hidden = false;
}

// The model sees the picture as a whole, resized to its own proportions: so are the patches here.
function draw(canvas, picture, patches, rows, columns) {
  const context = canvas.getContext('2d');
  context.drawImage(picture, 0, 0, canvas.width, canvas.height);
  const width = canvas.width / columns;
  const height = canvas.height / rows;
  patches.forEach((expert, patch) => {
    context.fillStyle = COLORS[expert % COLORS.length];
    context.globalAlpha = 0.55;
    context.fillRect((patch % columns) * width, Math.floor(patch / columns) * height, width, height);
    context.globalAlpha = 0.35;
    context.strokeStyle = '#ffffff';
    context.lineWidth = 1;
    context.strokeRect((patch % columns) * width, Math.floor(patch / columns) * height, width, height);
  });
}

const drop = element('drop');
element('file').addEventListener('change', event => {
  if (event.target.files.length) show(event.target.files[0]);
  // The same file may be chosen again.
  event.target.value = '';
});
drop.addEventListener('keydown', event => {
  if (event.key === 'Enter' || event.key === ' ') {
    event.preventDefault();
    element('file').click();
  }
});
// A picture that misses the field would replace the page.
for (const type of ['dragover', 'drop']) addEventListener(type, event => event.preventDefault());
drop.addEventListener('dragover', () => drop.classList.add('over'));
drop.addEventListener('dragleave', () => drop.classList.remove('over'));
drop.addEventListener('drop', event => {
  drop.classList.remove('over');
  if (event.dataTransfer.files.length) show(event.dataTransfer.files[0]);
});
