package io.latent4j.schedulers;

import java.util.List;

/** How a run is cut into steps: so many, spaced as the method spaces them, or by a list of one's own. */
public sealed interface Steps {

    /** {@code count} steps, spaced as the reference implementation spaces them for the method. */
    static Steps of(int count) {
        return new Count(count);
    }

    /**
     * One step from each of {@code timesteps} to the next, and from the last to where the method ends.
     *
     * @throws IllegalArgumentException if the list is empty or does not fall
     */
    static Steps atTimesteps(List<Double> timesteps) {
        return new Timesteps(timesteps);
    }

    /**
     * One step from each noise level to the next, told by its {@link NoiseLevel#ratio()}, to the last, which is 0 or
     * more.
     *
     * @throws IllegalArgumentException if the list has fewer than two, or does not fall
     */
    static Steps atSigmas(List<Double> sigmas) {
        return new Sigmas(sigmas);
    }

    /** How many steps there are, as the user counts them. */
    int count();

    /** See {@link Steps#of}. */
    record Count(int count) implements Steps {}

    /** See {@link Steps#atTimesteps}. */
    record Timesteps(List<Double> timesteps) implements Steps {
        public Timesteps {
            timesteps = List.copyOf(timesteps);
            if (timesteps.isEmpty()) {
                throw new IllegalArgumentException("the list of timesteps is empty; expected at least 1");
            }
            checkFalls("timesteps", timesteps);
        }

        @Override
        public int count() {
            return timesteps.size();
        }
    }

    /** See {@link Steps#atSigmas}. */
    record Sigmas(List<Double> sigmas) implements Steps {
        public Sigmas {
            sigmas = List.copyOf(sigmas);
            if (sigmas.size() < 2) {
                throw new IllegalArgumentException("the list of sigmas has " + sigmas.size()
                        + "; expected at least 2, the last of them 0 as a rule");
            }
            checkFalls("sigmas", sigmas);
        }

        @Override
        public int count() {
            return sigmas.size() - 1;
        }
    }

    private static void checkFalls(String what, List<Double> list) {
        for (int i = 0; i < list.size(); i++) {
            double value = list.get(i);
            if (!(value >= 0 && (i == 0 || value < list.get(i - 1)))) {
                throw new IllegalArgumentException("the list of " + what + " has " + value
                        + (i == 0 ? " first" : " after " + list.get(i - 1))
                        + "; expected each 0 or more and below the one before it: sort it, largest first");
            }
        }
    }
}
