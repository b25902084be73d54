package io.latent4j.schedulers.continuous;

/** An ordinary differential equation {@code dy/dt = f(t, y)}. */
@FunctionalInterface
public interface Ode {

    /** {@code f(t, y)}, a new array; {@code y} is not to be kept or changed. */
    double[] derivative(double t, double[] y);
}
