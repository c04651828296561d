document.getElementById('b').disabled = false;
document.getElementById('b').onclick = () => found();
