/* Averages that follow what is typed: the rule of grading.rules, in whole numbers so that both come to the same figure.
   Scores have three places and weights two; a score is kept in thousandths here, a weight in hundredths. */
'use strict';
window.Classbook = window.Classbook || {};
Classbook.averages = (() => {
  const island = document.getElementById('scale');
  const scale = island ? JSON.parse(island.textContent) : null;
  const fold = (text) => text.trim().toLocaleLowerCase();
  const thousandths = (number) => Math.round(number * 1000);
  const hundredths = (text) => Math.round(Number(String(text).replace(',', '.')) * 100);
  const levels = new Map(Object.entries(scale?.levels || {}).map(([code, [score, low]]) => [fold(code), { score: score === null ? null : thousandths(score), low }]));

  /* A number on a scale of points; null where the server would not take it either. */
  const points = (text) => {
    if (!scale?.points || !/^\d+([.,]\d{1,3})?$/.test(text)) return null;
    const [worst, best, passing, step] = scale.points.map((one) => (one === null ? 0 : thousandths(one)));
    const score = thousandths(Number(text.replace(',', '.'))), least = Math.min(worst, best);
    if (score < least || score > Math.max(worst, best) || (step && (score - least) % step)) return null;
    return { score, low: best < worst ? score > passing : score < passing };
  };
  /* What a mark is worth: {score (null: shown and not averaged), low}; null: no mark of this scale. */
  const meaning = (code) => levels.get(fold(code)) || points(fold(code));

  /* sum(score x weight) / sum(weight), two places, halves up; empty when nothing counts. */
  const shown = (total, weights) => {
    if (!weights) return '';
    const above = 2 * total + 10 * weights, below = 20 * weights;
    const found = (above - (above % below)) / below;
    return `${Math.floor(found / 100)}.${String(found % 100).padStart(2, '0')}`;
  };
  /* The score that a cell was stored with, where the scale of today says something else; else what its mark is worth. */
  const scoreOf = ({ s, m }) => (s === '-' ? null : s ? thousandths(Number(s)) : meaning(m)?.score ?? null);
  /* A pupil's line: its cells and the heads of their columns. Marks that stand in no cell come as two sums with the page. */
  const settle = (sum, cells, heads) => {
    if (!scale || !sum) return;
    const [beyond, its] = (sum.dataset.beyond || '0 0').split(' ').map(Number);
    let total = Math.round(beyond * 1e5), weights = hundredths(its);
    cells.forEach((td, place) => {
      const { dataset } = heads[place];
      if (!td.dataset.m || 'free' in td.dataset || 'free' in dataset || td.getAttribute('aria-readonly') === 'true') return;
      const score = scoreOf(td.dataset), weight = hundredths(dataset.weight);
      if (score === null || !(weight > 0)) return;
      total += score * weight;
      weights += weight;
    });
    const text = shown(total, weights);
    if (sum.textContent !== text) sum.textContent = text;
  };
  return { meaning, settle, shown };
})();
