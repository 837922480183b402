"""The text of an expression read into the nodes of `condition_tree`: functions and CASE beside its values."""

from __future__ import annotations

from dataclasses import dataclass, field

from tlfgen.spec.condition_tree import (
    VALUES,
    Call,
    CaseWhen,
    Node,
    Number,
    Reader,
    Value,
    as_condition,
    check_names_variables,
)  # fmt: skip
from tlfgen.spec.condition_words import Refused, Token, tokens_of
from tlfgen.spec.expression_functions import FUNCTIONS, function_of

WORDS = frozenset({"case", "when", "then", "else", "end"})
BEFORE = {"then": ("when",), "when": ("then",), "else": ("then",), "end": ("then", "else")}


def read_expression(text: str) -> Value:
    """Read the text of an expression; Refused says what has no place in one."""
    return ExpressionReader(tokens_of(text, WORDS)).read_value()


@dataclass
class ExpressionReader(Reader):
    """open: of each call and CASE that is not closed, its function ("" of a CASE) and where its operands
    begin."""

    open: list[tuple[str, int]] = field(default_factory=list)

    def read_value(self) -> Value:
        read = _value(self._whole())
        check_names_variables(read)
        return read

    def _operand(self, token: Token) -> bool:
        if token.word == "case":
            if self._take().word != "when":
                raise Refused("CASE begins with WHEN and a condition: CASE WHEN AVAL > 3 THEN 1 ELSE 0 END.")
            self._open("when", "")
            return True
        if token.word in WORDS:
            raise Refused(f"{token.text} stands where a variable or a value is expected.")
        if token.word == "null":
            raise Refused("A value is never NULL by its name: leave out ELSE, or write IS NULL in WHEN.")
        if token.kind == "name" and not token.word and self._next_is("("):
            name = function_of(token.text)
            self._take()
            if self._next_is(")"):
                raise Refused(f"{name}() is given nothing: write {FUNCTIONS[name].shape}.")
            self._open("call", name)
            return True
        return super()._operand(token)

    def _operator(self, token: Token) -> bool:
        word = token.word
        if word not in (",", ")", *BEFORE):
            return super()._operator(token)
        self._reduce(0)
        top = self.operators[-1] if self.operators else ""
        if word in BEFORE:
            if top not in BEFORE[word]:
                raise Refused(f"{token.text} has no place here: CASE WHEN ... THEN ... ELSE ... END.")
            if word != "end":
                self.operators[-1] = word
                return True
            self._close()
        elif word == "," and top != "call":
            raise Refused("A comma stands only between what a function is given.")
        elif word == ")" and top != "call":
            return super()._operator(token)
        elif word == ")":
            self._close()
        return word == ","

    def _open(self, operator: str, name: str) -> None:
        self.operators.append(operator)
        self.open.append((name, len(self.operands)))

    def _close(self) -> None:
        """Build the node of the innermost call or CASE from the operands that it has gathered."""
        self.operators.pop()
        name, start = self.open.pop()
        taken = self.operands[start:]
        del self.operands[start:]
        nodes = [node for node, _ in taken]
        made = _call(name, nodes) if name else _case(nodes)
        self._push(made, max(depth for _, depth in taken) + 1)


def _call(name: str, nodes: list[Node]) -> Call:
    function = FUNCTIONS[name]
    if not function.least <= len(nodes) <= function.most:
        raise Refused(f"{name}() is given {len(nodes)} values: write {function.shape}.")
    given = tuple(_value(n) for n in nodes)
    for node in given[function.plain :]:
        if not isinstance(node, Number) or not node.is_whole or name == "substr" and node.value < 1:
            kind = "a whole number from 1" if name == "substr" else "a whole number"
            raise Refused(f"{name}() takes {kind}, written as such: {function.shape}.")
    return Call(name, given)


def _case(nodes: list[Node]) -> CaseWhen:
    """Conditions and values by turns; an odd one at the end is ELSE's."""
    pairs = zip(nodes[:-1:2], nodes[1::2], strict=False)
    when = tuple((as_condition(condition), _value(value)) for condition, value in pairs)
    return CaseWhen(when, _value(nodes[-1]) if len(nodes) % 2 else None)


def _value(node: Node) -> Value:
    if not isinstance(node, VALUES):
        raise Refused("An expression gives a value, and a condition stands where one is expected: CASE WHEN.")
    return node
