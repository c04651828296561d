import { useState } from 'react';
import { createRoot } from 'react-dom/client';

function App() {
  const [text, setText] = useState('');
  const [sent, setSent] = useState(false);
  return (
    <form onSubmit={(event) => { event.preventDefault(); setSent(true); }}>
      <input value={text} onChange={(event) => setText(event.target.value)} placeholder="title" />
      <button disabled={text.length < 3}>Save</button>
      {sent && text && <i onClick={() => found()}>{text}</i>}
    </form>
  );
}
createRoot(document.getElementById('app')).render(<App />);
