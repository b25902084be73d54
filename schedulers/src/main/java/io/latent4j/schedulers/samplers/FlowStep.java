package io.latent4j.schedulers.samplers;

import ai.djl.ndarray.NDArray;
import io.latent4j.schedulers.NoiseLevel;
import io.latent4j.schedulers.process.NoiseSchedule;

/**
 * Moves along the flow that takes noise to data, in the coordinates where it is simplest: with {@code y = x / alpha} and
 * the ratio {@code s = sigma / alpha} it is {@code dy/ds = eps}, equation 1 of <a
 * href="https://arxiv.org/abs/2206.00364">Karras et al. 2022</a>. Arrays are in the model's coordinates, all of one
 * shape.
 */
final class FlowStep {
    private FlowStep() {}

    /** Goes from one level to another as if the network said {@code eps} all the way: linear in s. */
    static NDArray alongNoise(NDArray x, NDArray eps, NoiseLevel from, NoiseLevel to) {
        double length = to.ratio() - from.ratio();
        return x.mul(to.alpha() / from.alpha()).add(eps.mul(to.alpha() * length));
    }

    /** Goes from one level to another as if the network said {@code x0} all the way: exponential in λ. */
    static NDArray towardsData(NDArray x, NDArray x0, NoiseLevel from, NoiseLevel to) {
        double shrink = to.sigma() / from.sigma();
        return x.mul(shrink).add(x0.mul(to.alpha() - from.alpha() * shrink));
    }

    /** Undoes the flow: noises {@code x} from one level up to another with {@code noise} of N(0, 1). */
    static NDArray raise(NDArray x, NoiseLevel from, NoiseLevel to, NDArray noise) {
        double up = Math.sqrt(to.ratio() * to.ratio() - from.ratio() * from.ratio());
        return x.mul(to.alpha() / from.alpha()).add(noise.mul(to.alpha() * up));
    }

    /** The level of {@code schedule} halfway in λ. */
    static NoiseLevel middle(NoiseSchedule schedule, NoiseLevel from, NoiseLevel to) {
        double ratio = Math.sqrt(from.ratio() * to.ratio());
        return NoiseLevel.ofRatio((float) schedule.timestep(ratio), ratio);
    }
}
