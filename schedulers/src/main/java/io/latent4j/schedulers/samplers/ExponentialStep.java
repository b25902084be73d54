package io.latent4j.schedulers.samplers;

import ai.djl.ndarray.NDArray;
import io.latent4j.schedulers.NoiseLevel;
import java.util.List;

/**
 * The exact solution of a step, given what the network would say on the way: equation 3.4 of <a
 * href="https://arxiv.org/abs/2206.00927">Lu et al. 2022</a> for outputs eps, equation 8 of <a
 * href="https://arxiv.org/abs/2211.01095">DPM-Solver++</a> for outputs x0. Solvers differ in the polynomial in λ that
 * they take for the outputs.
 *
 * @param keep what the latents are multiplied by
 * @param gain what outputs that do not change are multiplied by
 * @param scale of the integral over the outputs
 * @param h the step's length in λ; infinite where it ends at {@link NoiseLevel#CLEAN}
 * @param z the logarithm of the outputs' weight at the start of the step over that at its end
 * @param spread what fresh noise is multiplied by; 0 for the ordinary differential equation
 */
record ExponentialStep(double keep, double gain, double scale, double h, double z, double spread) {

    /** For outputs x0, with {@code eta} times the noise of the diffusion's own reverse, 0 for none. */
    static ExponentialStep ofData(NoiseLevel from, NoiseLevel to, double eta) {
        double h = to.lambda() - from.lambda();
        double z = -(1 + eta) * h;
        double shrink = Math.pow(to.ratio() / from.ratio(), eta); // e^(−ηh), 1 for η = 0 even where h is infinite
        return new ExponentialStep(
                to.sigma() / from.sigma() * shrink,
                -to.alpha() * Math.expm1(z),
                to.alpha(),
                h,
                z,
                to.sigma() * Math.sqrt(1 - shrink * shrink));
    }

    /** For outputs eps. */
    static ExponentialStep ofNoise(NoiseLevel from, NoiseLevel to) {
        double h = to.lambda() - from.lambda();
        double keep = to.alpha() / from.alpha();
        return new ExponentialStep(keep, to.sigma() - keep * from.sigma(), -to.sigma(), h, h, 0);
    }

    /** For outputs eps, with the noise of the diffusion's own reverse; a step to where there is none adds none. */
    static ExponentialStep ofNoiseSde(NoiseLevel from, NoiseLevel to) {
        ExponentialStep ode = ofNoise(from, to);
        double spread = to.sigma() * Math.sqrt(Math.expm1(2 * ode.h()));
        return to.sigma() == 0
                ? ode
                : new ExponentialStep(ode.keep(), 2 * ode.gain(), 2 * ode.scale(), ode.h(), ode.z(), spread);
    }

    /**
     * What the part of the outputs that grows as {@code (λ − λ of the start)^power} is multiplied by: {@code scale · |z| ·
     * power! · φ(z) · h^power} with the φ of index {@code power + 1}, for 0 the {@code gain}.
     */
    double moment(int power) {
        if (power == 0) {
            return gain;
        }
        double factorial = 1;
        for (int i = 2; i <= power; i++) {
            factorial *= i;
        }
        return scale * Math.abs(z) * factorial * phi(power + 1, z) * Math.pow(h, power);
    }

    /** {@code φ0(z) = e^z, φk+1(z) = (φk(z) − 1/k!) / z}; a series where that would cancel. */
    static double phi(int index, double z) {
        if (Math.abs(z) < 1) {
            double term = 1;
            for (int i = 2; i <= index; i++) {
                term /= i;
            }
            double sum = 0;
            for (int i = 1; Math.abs(term) > 1e-18; i++) {
                sum += term;
                term *= z / (index + i);
            }
            return sum;
        }
        double phi = Math.exp(z);
        double inverseFactorial = 1;
        for (int k = 0; k < index; k++) {
            phi = (phi - inverseFactorial) / z;
            inverseFactorial /= k + 1;
        }
        return phi;
    }

    /** The {@link #moment}s of powers 0 to {@code count − 1}. */
    double[] moments(int count) {
        double[] moments = new double[count];
        for (int power = 0; power < count; power++) {
            moments[power] = moment(power);
        }
        return moments;
    }

    /**
     * The latents at the end of the step, without fresh noise. The outputs lie on the polynomial through {@code outputs},
     * which are at {@code distances} in λ from the start of the step; as many as there are {@code moments} to weigh the
     * polynomial's coefficients with.
     */
    NDArray solve(NDArray x, double[] moments, double[] distances, List<NDArray> outputs) {
        NDArray end = x.mul(keep);
        for (int i = 0; i < moments.length; i++) {
            double[] coefficients = lagrange(i, distances, moments.length);
            double weight = 0;
            for (int power = 0; power < moments.length; power++) {
                weight += coefficients[power] * moments[power];
            }
            end = end.add(outputs.get(i).mul(weight));
        }
        return end;
    }

    /** The coefficients, of power 0 first, of the polynomial that is 1 at node {@code i} and 0 at the others. */
    private static double[] lagrange(int i, double[] nodes, int count) {
        double[] coefficients = new double[count];
        coefficients[0] = 1;
        for (int j = 0; j < count; j++) {
            if (j != i) { // times (λ − node j) / (node i − node j)
                for (int power = count - 1; power >= 0; power--) {
                    double lower = power == 0 ? 0 : coefficients[power - 1];
                    coefficients[power] = (lower - nodes[j] * coefficients[power]) / (nodes[i] - nodes[j]);
                }
            }
        }
        return coefficients;
    }
}
