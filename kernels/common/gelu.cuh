// GELU(y) = y * Phi(y), Phi the normal distribution function, in forms that trade instructions for error.
#pragma once

#include "common/math.cuh"

namespace fuseline {

/// Forms of GELU. Errors are the largest absolute ones over all y, before rounding and multiplied by `scale`.
///
/// erf        CUDA's erff: exact to rounding; 29 arithmetic instructions.
/// rational   Abramowitz and Stegun 7.1.26 for erf: 3e-7; 17 instructions, 2 of them special.
/// logistic6  Phi(y) = 1/(1+exp(-y*P(y*y))), P of degree 6: 1e-7; 13 instructions, 2 of them special.
/// logistic4  the same with P of degree 4: 3e-6.
/// logistic2  the same with P of degree 2, for derivatives only.
/// logistic1  the same with P of degree 1: 2.8e-4, for 16-bit results only.
/// unit1      logistic1 through the tanh instruction: 7 instructions, 1 of them special; for 16-bit results only.
/// none       y itself: no activation.
/// tanh       the tanh approximation that frameworks offer under this name: 4.7e-4 from the exact function.
///
/// The polynomials P are minimax fits of logit(Phi(y))/y in y*y, weighted so that the error of y*Phi(y) is level
/// (Lawson's iteration); their leading coefficients are positive, so that large |y| saturates without a clamp.
enum class Gelu { erf, rational, logistic6, logistic4, logistic2, logistic1, unit1, tanh, none };

namespace detail {

FUSELINE_DEVICE float polynomial(float, float c0) { return c0; }
template <typename... Rest>
FUSELINE_DEVICE float polynomial(float s, float c0, Rest... rest) {
  return fmaf(s, polynomial(s, rest...), c0);
}

// logit(Phi(y))/y times `factor`, which callers use to fold a change of base into the coefficients.
template <int degree>
FUSELINE_DEVICE float logit_slope(float s, float factor) {
  if constexpr (degree == 1) {
    return polynomial(s, 1.60037526616f * factor, 0.0693680997133f * factor);
  } else if constexpr (degree == 4) {
    return polynomial(s, 1.59565516321f * factor, 0.0729398481734f * factor, -0.000250949383399f * factor,
                      -6.09345170021e-5f * factor, 2.22525922326e-6f * factor);
  } else {
    return polynomial(s, 1.59576843447f * factor, 0.072668560026f * factor, -6.62543134348e-5f * factor,
                      -0.000110482113807f * factor, 7.93845525463e-6f * factor, -2.66905869698e-7f * factor,
                      3.61148555417e-9f * factor);
  }
}

template <int degree>
FUSELINE_DEVICE float gelu_logistic(float y, float scale) {
  const float exponent = y * logit_slope<degree>(y * y, -log2_e);
  return (scale * y) * reciprocal_fast(1.0f + exp2_fast(exponent));
}

FUSELINE_DEVICE float gelu_rational(float y, float scale) {
  const float z = fabsf(y) * 0.70710678118654752f;
  const float t = reciprocal_fast(fmaf(z, 0.3275911f, 1.0f));
  const float tail = t * polynomial(t, 0.254829592f, -0.284496736f, 1.421413741f, -1.453152027f, 1.061405429f);
  const float erf_z = fmaf(-tail, exp2_fast(z * z * -log2_e), 1.0f);
  return (0.5f * scale) * fmaf(fabsf(y), erf_z, y);
}

FUSELINE_DEVICE float gelu_tanh(float y, float scale) {
  // y * sigmoid(2t): the quotient (1-e)/(1+e) is NaN for y below -10, this form is not.
  const float exponent =
      y * polynomial(y * y, -2.0f * 0.79788456080286536f * log2_e, -2.0f * 0.79788456080286536f * 0.044715f * log2_e);
  return (scale * y) * reciprocal_fast(1.0f + exp2_fast(exponent));
}

FUSELINE_DEVICE float gelu_unit1(float y, float scale) {
  const float half = (0.5f * scale) * y;
  return fmaf(half, tanh_fast(y * logit_slope<1>(y * y, 0.5f)), half);
}

}  // namespace detail

/// scale * GELU(y).
template <Gelu form>
FUSELINE_DEVICE float gelu(float y, float scale) {
  if constexpr (form == Gelu::none) {
    return scale * y;
  } else if constexpr (form == Gelu::rational) {
    return detail::gelu_rational(y, scale);
  } else if constexpr (form == Gelu::logistic6) {
    return detail::gelu_logistic<6>(y, scale);
  } else if constexpr (form == Gelu::logistic4) {
    return detail::gelu_logistic<4>(y, scale);
  } else if constexpr (form == Gelu::logistic1) {
    return detail::gelu_logistic<1>(y, scale);
  } else if constexpr (form == Gelu::unit1) {
    return detail::gelu_unit1(y, scale);
  } else if constexpr (form == Gelu::tanh) {
    return detail::gelu_tanh(y, scale);
  } else {
    const float half = (0.5f * scale) * y;
    return fmaf(half, erff(y * 0.70710678118654752f), half);
  }
}

namespace detail {

// logit(Phi(y))/y times `factor` in s = y*y again, fitted so that the error of Phi itself is level.
template <int degree>
FUSELINE_DEVICE float logit_slope_of_phi(float s, float factor) {
  if constexpr (degree == 2) {
    // The leading coefficient is negative: beyond |y| = 5.5, where Phi is 0 or 1 to 2e-8, the polynomial stays where it
    // is.
    return polynomial(fminf(s, 30.0f), 1.5954356662f * factor, 0.0735965143458f * factor, -0.000631614578398f * factor);
  } else if constexpr (degree == 4) {
    return polynomial(s, 1.59573942456f * factor, 0.0727845725134f * factor, -0.000175653157895f * factor,
                      -7.33868793658e-5f * factor, 2.85001073422e-6f * factor);
  } else {
    return logit_slope<degree>(s, factor);
  }
}

}  // namespace detail

/// The derivative of GELU, Phi(y) + y*phi(y), phi the normal density. Forms and their errors: erf (exact to rounding),
/// logistic6 (4e-7), logistic4 (2e-6) and logistic2 (2e-5; for 16-bit results only).
template <Gelu form>
FUSELINE_DEVICE float gelu_slope(float y) {
  static_assert(form == Gelu::erf || form == Gelu::logistic6 || form == Gelu::logistic4 || form == Gelu::logistic2,
                "this form has no derivative here");
  const float square = y * y;
  // phi(y) = 2^(-y*y*log2(e)/2 - log2(sqrt(2*pi)))
  const float density = exp2_fast(fmaf(square, -0.5f * log2_e, -1.32574806473616f));
  float probability;
  if constexpr (form == Gelu::erf) {
    probability = fmaf(0.5f, erff(y * 0.70710678118654752f), 0.5f);
  } else {
    constexpr int degree = form == Gelu::logistic6 ? 6 : form == Gelu::logistic4 ? 4 : 2;
    probability = reciprocal_fast(1.0f + exp2_fast(y * detail::logit_slope_of_phi<degree>(square, -log2_e)));
  }
  return fmaf(y, density, probability);
}

}  // namespace fuseline
