// What both ends do with a game's rules: one function object for every type of input that the schema has.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <type_traits>

#include "tidewire/schema.h"
#include "tidewire/state.h"

namespace tidewire {

/// The rules without their types: one tick of one input for one entity of the player that gave it. `input` is of schema.inputs[type].
using ApplyInput = std::function<void(Sim&, Entity, std::uint16_t type, const std::byte* input)>;

/// Whether T is one of an InputList.
template <class T, class Inputs>
inline constexpr bool is_input = false;
template <class T, class... Input>
inline constexpr bool is_input<T, InputList<Input...>> = (std::is_same_v<T, Input> || ...);

/// Whether `Rules` has void operator()(Sim&, Entity, const Input&) const for every one of an InputList.
template <class Rules, class Inputs>
inline constexpr bool takes_inputs = false;
template <class Rules, class... Input>
inline constexpr bool takes_inputs<Rules, InputList<Input...>> =
    (std::is_invocable_v<const Rules&, Sim&, Entity, const Input&> && ...);

/// Runs the rules with the input that `type` (its place in the schema) says `input` is. Nothing happens for a type that there is
/// not.
template <class Rules, class... Input>
void apply_input(const Rules& rules, InputList<Input...>, Sim& sim, Entity entity, std::uint16_t type,
                 const void* input) {
    const auto apply = [&]<class T>(std::type_identity<T>) {
        if (type == input_index<T>) rules(sim, entity, *static_cast<const T*>(input));
    };
    (apply(std::type_identity<Input>{}), ...);
}

/// The same to be kept: it holds a copy of the rules.
template <class Rules, class Inputs>
ApplyInput to_apply_input(Rules rules, Inputs inputs) {
    return [rules, inputs](Sim& sim, Entity entity, std::uint16_t type, const std::byte* input) {
        apply_input(rules, inputs, sim, entity, type, input);
    };
}

}  // namespace tidewire
