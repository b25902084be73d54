package io.latent4j.schedulers.continuous;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;

/** Arrays of float32 or float64 as float64 values on the host, and back. */
final class Values {
    private Values() {}

    static double[] of(NDArray x) {
        if (x.getDataType() == DataType.FLOAT64) {
            return x.toDoubleArray();
        }
        float[] floats = x.toFloatArray();
        double[] values = new double[floats.length];
        for (int i = 0; i < values.length; i++) {
            values[i] = floats[i];
        }
        return values;
    }

    /** A new array of {@code like}'s data type and manager. */
    static NDArray array(double[] values, Shape shape, NDArray like) {
        if (like.getDataType() == DataType.FLOAT64) {
            return like.getManager().create(values, shape);
        }
        float[] floats = new float[values.length];
        for (int i = 0; i < floats.length; i++) {
            floats[i] = (float) values[i];
        }
        return like.getManager().create(floats, shape);
    }
}
