package io.latent4j.core.nn;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import io.latent4j.core.ops.Convolutions;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.UnaryOperator;

/**
 * The weight of a layer, however it is stored. A layer that runs asks for it as an array in the type that it computes in,
 * which is made for it where it is not stored so and freed when the layer is done.
 */
public final class Weight {
    private static final long WIDE = 1 << 18; // pairs of an input's and an output's channel

    private final Parameter parameter; // of the first stored array
    private WeightForm form = new Dense();

    Weight(Parameter parameter) {
        this.parameter = parameter;
    }

    /** Takes the arrays that are loaded for {@code precision}; {@code reader} reads the weight in a data type. */
    void load(Precision precision, Function<DataType, NDArray> reader) {
        NDArray array = reader.apply(precision.weights().dataType());
        if (isWideKernel(array)) {
            try (NDArray read = array) {
                array = Convolutions.laidOut(read);
            }
        }
        parameter.setArray(array);
        form = precision.form();
    }

    /** Whether {@code array} is a convolution's on the CPU, which would be laid out anew with every use, at a cost. */
    private static boolean isWideKernel(NDArray array) {
        Shape shape = array.getShape();
        return shape.dimension() == 4
                && shape.get(2) > 1
                && shape.get(0) * shape.get(1) >= WIDE
                && !array.getDevice().isGpu();
    }

    /** From now on what the parameter holds is used as it is. */
    void plain() {
        form = new Dense();
    }

    /**
     * What {@code body} makes of the whole weight.
     *
     * @param like on whose device the layer works
     * @param body keeps no reference to the array that it is given, and returns another one
     */
    @SuppressWarnings("ReferenceEquality") // whether it was made for this call
    NDArray use(Pass pass, NDArray like, UnaryOperator<NDArray> body) {
        NDArray stored = pass.stored(parameter, like);
        NDArray dense = form.dense(stored, pass.precision());
        try {
            return body.apply(dense);
        } finally {
            if (dense != stored) {
                dense.close(); // a recorded gradient keeps the numbers that it needs
            }
        }
    }

    /**
     * Some rows of the weight, in the type that the layer computes in.
     *
     * @param some takes the rows of any array that has as many as the weight
     */
    NDArray rows(Pass pass, NDArray like, UnaryOperator<NDArray> some) {
        return form.rows(pass.stored(parameter, like), pass.precision(), some);
    }

    /**
     * The weight's numbers in float32: an array of its own, which shares the memory of the stored one where that is float32
     * too. It is for reading, and is closed by the caller or with its scope.
     */
    public NDArray numbers() {
        return form.dense(parameter.getArray(), Optional.of(DataType.FLOAT32));
    }

    /** {@code x} in the type that the layer computes in. */
    public NDArray computed(NDArray x) {
        return form.computed(parameter.getArray(), x);
    }

    /** Puts other numbers of the same shape in the place of the stored ones, rounded to what is stored. */
    public void replace(NDArray numbers) {
        form.replace(parameter.getArray(), numbers);
    }

    /** What is in memory: all of the weight, in the form that it is stored in. */
    public List<NDArray> stored() {
        List<NDArray> all = new ArrayList<>();
        all.add(parameter.getArray());
        all.addAll(form.others());
        return all;
    }

    /** Frees what is in memory. */
    void unload() {
        form.others().forEach(NDArray::close);
        plain();
    }
}
