// Atomics: fibres never interrupt each other, so plain read-modify-write is atomic.
#ifndef FUSELINE_HOST_CUDA_ATOMICS_HPP
#define FUSELINE_HOST_CUDA_ATOMICS_HPP

template <typename Number>
Number atomicExch(Number* address, Number value) {
  const Number old = *address;
  *address = value;
  return old;
}
template <typename Number>
Number atomicAdd(Number* address, Number value) {
  return atomicExch(address, static_cast<Number>(*address + value));
}
template <typename Number>
Number atomicMax(Number* address, Number value) {
  return atomicExch(address, *address < value ? value : *address);
}
template <typename Number>
Number atomicMin(Number* address, Number value) {
  return atomicExch(address, value < *address ? value : *address);
}
template <typename Number>
Number atomicCAS(Number* address, Number expected, Number value) {
  return atomicExch(address, *address == expected ? value : *address);
}
/// Counts from 0 to `last` and round again.
inline unsigned atomicInc(unsigned* address, unsigned last) {
  return atomicExch(address, *address >= last ? 0u : *address + 1);
}

#endif
