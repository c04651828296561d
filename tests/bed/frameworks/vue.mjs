import { createApp } from 'vue';

createApp({
  data: () => ({ open: false }),
  methods: { tell: (what) => found(what) },
  template: `<div @click="open = true">card</div><p v-if="open" @click.once="tell('click')">details</p>
    <section @mouseenter="tell('enter')">hover</section><em @dblclick="tell('double')">twice</em>
    <input @keyup.enter="tell('key')" placeholder="press enter">`,
}).mount('#app');
