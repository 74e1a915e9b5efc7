"""The completion scripts of bash, zsh and fish. Each knows the words; none starts Bartizan."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from bartizan.console.cli.completion_words import Option, Verb


def _leaves(words: Sequence[Verb]) -> Iterator[tuple[str, Verb]]:
    """Verbs without inner ones, and the inner ones; each with the words that lead to it."""
    for verb in words:
        if verb.inner:
            yield from ((f"{verb.name} {one.name}", one) for one in verb.inner)
        else:
            yield verb.name, verb


def _names(options: Sequence[Option]) -> list[str]:
    return [name for one in options for name in one.names]


def _open(verb: Verb) -> list[str]:
    """Flags whose value may be anything, perhaps a file."""
    return _names([one for one in verb.flags if one.takes_value and not one.choices])


def _closed(verb: Verb) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Flags whose value is one of some words, as a pattern, with the words."""
    for one in verb.flags:
        if one.takes_value and one.choices:
            yield "|".join(one.names), one.choices


# ---- bash -----------------------------------------------------------------------------------


def bash(words: Sequence[Verb]) -> str:
    """For `eval` in ~/.bashrc, or a file that is sourced."""
    inner = "".join(
        f"    {one.name}) words='{' '.join(each.name for each in one.inner)}' ;;\n"
        for one in words
        if one.inner
    )
    cases = "".join(f"    '{at}') {_bash_case(verb)} ;;\n" for at, verb in _leaves(words))
    return f"""\
# bartizan: completion for bash
_bartizan() {{
  local now=${{COMP_WORDS[COMP_CWORD]}} before=${{COMP_WORDS[COMP_CWORD-1]}} at=${{COMP_WORDS[1]}}
  local words='' more=''
  if [[ $before == = ]]; then
    before=${{COMP_WORDS[COMP_CWORD-2]}}
  elif [[ $now == = ]]; then
    now=''
  fi
  if [[ $COMP_CWORD -eq 1 ]]; then
    COMPREPLY=($(compgen -W '{" ".join(one.name for one in words)} --help --version' -- "$now"))
    return
  fi
  case $at in
{inner}  esac
  if [[ -n $words && $COMP_CWORD -gt 2 ]]; then
    at="$at ${{COMP_WORDS[2]}}" words=''
  fi
  case $at in
{cases}  esac
  COMPREPLY=($(compgen -W "$words" -- "$now"))
  if [[ ${{#COMPREPLY[@]}} -eq 0 && $now != -* ]]; then
    compopt -o default 2>/dev/null
  fi
}}
complete -F _bartizan bartizan
"""


def _bash_case(verb: Verb) -> str:
    values = "".join(
        f"{pattern}) words='{' '.join(choices)}' ;; " for pattern, choices in _closed(verb)
    )
    anything = "|".join(_open(verb))
    values += f"{anything}) words='' ;; " if anything else ""
    more = f"*) words='{' '.join(verb.words)}'; [[ $now == -* ]] && words='{_flags(verb)}' ;;"
    return f"case $before in {values}{more} esac"


def _flags(verb: Verb) -> str:
    return " ".join(_names(verb.flags))


# ---- zsh ------------------------------------------------------------------------------------


def zsh(words: Sequence[Verb]) -> str:
    """For `eval` behind compinit in ~/.zshrc, or a file `_bartizan` in a folder of $fpath."""
    inner = "".join(
        f"    {one.name})\n"
        f"      if (( CURRENT == 3 )); then\n"
        f"        items=({_described((each.name, each.about) for each in one.inner)})\n"
        f"        _describe 'inner verb' items; return\n"
        f"      fi\n"
        f'      at="$at ${{words[3]}}" ;;\n'
        for one in words
        if one.inner
    )
    cases = "".join(f"    '{at}')\n{_zsh_case(verb)}      ;;\n" for at, verb in _leaves(words))
    return f"""\
#compdef bartizan
# bartizan: completion for zsh
_bartizan() {{
  local -a items
  local at="${{words[2]}}" now="${{words[CURRENT]}}" before="${{words[CURRENT-1]}}"
  if (( CURRENT == 2 )); then
    items=({_described((one.name, one.about) for one in words)})
    _describe 'verb' items; return
  fi
  case "$at" in
{inner}  esac
  case "$at" in
{cases}  esac
  if [[ "$now" == -* ]]; then
    (( $#items )) && _describe 'flag' items
  elif (( $#items )); then
    compadd -- "${{items[@]}}"
  else
    _files
  fi
}}
if [[ "${{funcstack[1]}}" == _bartizan ]]; then
  _bartizan "$@"
else
  compdef _bartizan bartizan
fi
"""


def _zsh_case(verb: Verb) -> str:
    flags = _described((name, one.about) for one in verb.flags for name in one.names)
    values = "".join(
        f"        {pattern}) items=({' '.join(choices)}) ;;\n" for pattern, choices in _closed(verb)
    )
    anything = "|".join(_open(verb))
    values += f"        {anything}) ;;\n" if anything else ""
    words = f"items=({' '.join(verb.words)})" if verb.words else ""
    return (
        f'      case "$before" in\n{values}'
        f'        *) if [[ "$now" == -* ]]; then items=({flags}); else {words or ":"}; fi ;;\n'
        f"      esac\n"
    )


def _described(pairs: Iterator[tuple[str, str]]) -> str:
    return " ".join(_quoted_sh(f"{name}:{about}") for name, about in pairs)


def _quoted_sh(text: str) -> str:
    inside = text.replace("'", "'\\''")
    return f"'{inside}'"


# ---- fish -----------------------------------------------------------------------------------

_FISH_HEAD = """\
# bartizan: completion for fish
function __bartizan_at
    set -l given (commandline -opc)
    test (count $given) -gt (count $argv); or return 1
    for place in (seq (count $argv))
        test "$given[$(math $place + 1)]" = "$argv[$place]"; or return 1
    end
end
function __bartizan_next
    test (count (commandline -opc)) -eq (math (count $argv) + 1); and __bartizan_at $argv
end
complete -c bartizan -e
complete -c bartizan -f -n 'test (count (commandline -opc)) -eq 1'
"""


def fish(words: Sequence[Verb]) -> str:
    """For `source` in config.fish, or a file in a folder of $fish_complete_path."""
    first = "-n 'test (count (commandline -opc)) -eq 1'"
    lines = [f"complete -c bartizan {first} -a {one.name} -d {_quoted(one.about)}" for one in words]
    for verb in words:
        lines += [
            f"complete -c bartizan -f -n '__bartizan_next {verb.name}' -a {one.name}"
            f" -d {_quoted(one.about)}"
            for one in verb.inner
        ]
    for at, verb in _leaves(words):
        lines += [
            f"complete -c bartizan -n '__bartizan_at {at}'{_fish_option(one)}"
            for one in verb.options
            if one.names or one.choices
        ]
    return _FISH_HEAD + "\n".join(lines) + "\n"


def _fish_option(one: Option) -> str:
    names = "".join(
        f" -l {name[2:]}" if name.startswith("--") else f" -s {name[1:]}" for name in one.names
    )
    choices = f" -x -a {_quoted(' '.join(one.choices))}" if one.choices else ""
    takes = " -r" if one.takes_value and one.names and not one.choices else ""
    about = f" -d {_quoted(one.about)}" if one.about and one.names else ""
    return f"{names}{choices}{takes}{about}"


def _quoted(text: str) -> str:
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"
