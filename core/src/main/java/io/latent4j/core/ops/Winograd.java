package io.latent4j.core.ops;

import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;

/**
 * The 3×3 convolution that keeps height and width, by the minimal filtering of <a
 * href="https://arxiv.org/abs/1509.09308">Lavin &amp; Gray 2015</a>, F(4×4, 3×3): 36 products make a tile of 4×4 pixels
 * that takes 144 otherwise. Tiles of 6×6 pixels, weights and results are mapped by small matrices (their equation 8, with
 * each pair of matrices as one, {@code (B ⊗ B)ᵀ} and so on), between which there is a matrix product for each of the 36
 * places in a tile. It goes strip by strip, so that what is mapped stays in the processor's cache.
 *
 * <p>The matrices belong to polynomials at the points 0, ±5/8, ±3/2 and infinity, with which rounding errors are half as
 * large as at the usual 0, ±1, ±2 and infinity.
 */
final class Winograd {
    /** Of a tile of the result. */
    static final int PIXELS = 16;

    private static final int TAPS = 3;
    private static final int OUT = 4;
    private static final int IN = OUT + TAPS - 1;
    private static final double[] POINTS = {0, 5.0 / 8, -5.0 / 8, 3.0 / 2, -3.0 / 2}; // and infinity

    /** The inputs of a tile, twice as large, that each of its 6×6 pixels repeats: the first is one before the tile. */
    private static final int[] REPEATED = {0, 1, 1, 2, 2, 3};

    private static final int TILES = 128;
    private static final int BLOCK = 1 << 21;

    private Winograd() {}

    /** How a strip of the image is put between its borders of zeros. */
    static final String COPY = "kept = torch.copy_(inner, torch.permute(torch.slice(x, 2, low, high), [0, 2, 3, 1]))";

    /** Statements that make {@code y}, (N, out, H, W), of {@code x}, {@code w}, and {@code b}, a tensor. */
    static String convolution(String fill) {
        return statements(false, fill);
    }

    /** The same, (N, out, 2H, 2W), where each pixel is repeated before, two times two. */
    static String ofRepeated() {
        return statements(true, COPY);
    }

    private static String statements(boolean repeated, String fill) {
        double[][] toTile = repeated ? repeating(input()) : input();
        return """
            n = torch.size(x, 0)
            c = torch.size(x, 1)
            h = torch.size(x, 2)
            k = torch.size(w, 0)
            height = SCALE * h
            width = SCALE * torch.size(x, 3)
            line_of_x = torch.size(x, 3) + 1
            down = (height + 3) // 4
            across = (width + 3) // 4
            rows = max(min(TILES // (n * across), down), 1)
            strips = (down + rows - 1) // rows
            of_input = torch.to(torch.kron(BT, BT), 6)
            of_weight = torch.to(torch.kron(GG, GG), 6)
            of_result = torch.to(torch.kron(AT, AT), 6)
            most = k
            if strips == 1:
              most = min(max(BLOCK // (36 * c) // 16 * 16, 64), k)
            size = n * rows * across
            pad = torch.new_zeros(x, [n, STEP * rows + 2, STEP * across + 2, c])
            line = (STEP * across + 2) * c
            tiles = torch.new_empty(x, [SIDE * SIDE * size * c])
            mapped = torch.new_empty(x, [36 * size * c])
            products = torch.new_empty(x, [36 * size * most])
            results = torch.new_empty(x, [16 * size * most])
            u = torch.new_empty(x, [0])
            yl = torch.new_empty(x, [n, height, width, k])
            for s in range(strips):
              r = min(rows, down - s * rows)
              t = n * r * across
              top = STEP * s * rows - 1
              low = max(top, 0)
              high = min(top + STEP * r + 2, h)
              inner = torch.slice(torch.slice(pad, 1, low - top, high - top), 2, 1, line_of_x)
              FILL
              if high - top < STEP * r + 2:
                kept = torch.zero_(torch.slice(pad, 1, high - top))
              d = torch.reshape(torch.slice(tiles, 0, 0, SIDE * SIDE * t * c), [SIDE, SIDE, n, r, across, c])
              kept = torch.copy_(d, torch.as_strided(pad, [SIDE, SIDE, n, r, across, c], [line, c, (STEP * rows + 2) * line, STEP * line, STEP * c, 1]))
              v = torch.reshape(torch.slice(mapped, 0, 0, 36 * t * c), [36, t * c])
              kept = torch.mm(of_input, torch.reshape(d, [SIDE * SIDE, t * c]), out=v)
              v = torch.reshape(v, [36, t, c])
              for j in range((k + most - 1) // most):
                first = j * most
                some = min(most, k - first)
                if s == 0:
                  ws = torch.reshape(torch.permute(torch.slice(w, 0, first, first + some), [2, 3, 1, 0]), [9, c * some])
                  u = torch.reshape(torch.mm(of_weight, ws), [36, c, some])
                m = torch.reshape(torch.slice(products, 0, 0, 36 * t * some), [36, t, some])
                kept = torch.bmm(v, u, out=m)
                o = torch.reshape(torch.slice(results, 0, 0, 16 * t * some), [16, t * some])
                kept = torch.mm(of_result, torch.reshape(m, [36, t * some]), out=o)
                part = torch.permute(torch.reshape(o, [4, 4, n, r, across, some]), [2, 3, 0, 4, 1, 5])
                shift = torch.slice(b, 0, first, first + some)
                start = 4 * s * rows
                if width % 4 == 0 and start + 4 * r <= height:
                  into = torch.as_strided(yl, [n, r, 4, across, 4, some], [height * width * k, 4 * width * k, width * k, 4 * k, k, 1], start * width * k + first)
                  kept = torch.add(part, shift, out=into)
                else:
                  whole = torch.reshape(torch.add(part, shift), [n, 4 * r, 4 * across, some])
                  end = min(start + 4 * r, height)
                  kept = torch.copy_(torch.slice(torch.slice(yl, 1, start, end), 3, first, first + some), torch.slice(torch.slice(whole, 1, 0, end - start), 2, 0, width))
            y = torch.permute(yl, [0, 3, 1, 2])
            """.replace("BT", literal(toTile))
                .replace("GG", literal(weight()))
                .replace("AT", literal(output()))
                .replace("SCALE", repeated ? "2" : "1")
                .replace("STEP", repeated ? "2" : "4")
                .replace("SIDE", repeated ? "4" : "6")
                .replace("TILES", Integer.toString(TILES))
                .replace("BLOCK", Integer.toString(BLOCK))
                .replace("FILL", fill.strip().replace("\n", "\n  "));
    }

    /** {@code Bᵀ}: the coefficients of the polynomial whose roots are all points but the row's own. */
    private static double[][] input() {
        double[][] rows = new double[IN][];
        for (int i = 0; i < IN; i++) {
            double[] polynomial = {1};
            for (int j = 0; j < POINTS.length; j++) {
                polynomial = j == i ? polynomial : timesRoot(polynomial, POINTS[j]);
            }
            rows[i] = Arrays.copyOf(polynomial, IN);
        }
        return rows;
    }

    /** {@code polynomial · (x − root)}, the constant first. */
    private static double[] timesRoot(double[] polynomial, double root) {
        double[] product = new double[polynomial.length + 1];
        for (int i = 0; i < polynomial.length; i++) {
            product[i + 1] += polynomial[i];
            product[i] -= root * polynomial[i];
        }
        return product;
    }

    /** {@code G}: powers of each point, divided by what {@link #input} comes to there; at infinity the last coefficient. */
    private static double[][] weight() {
        double[][] rows = new double[IN][TAPS];
        for (int i = 0; i < POINTS.length; i++) {
            double divisor = 1;
            for (int j = 0; j < POINTS.length; j++) {
                divisor *= j == i ? 1 : POINTS[i] - POINTS[j];
            }
            for (int power = 0; power < TAPS; power++) {
                rows[i][power] = Math.pow(POINTS[i], power) / divisor;
            }
        }
        rows[POINTS.length][TAPS - 1] = 1;
        return rows;
    }

    /** {@code Aᵀ}: powers of each point; at infinity the last alone. */
    private static double[][] output() {
        double[][] rows = new double[OUT][IN];
        for (int power = 0; power < OUT; power++) {
            for (int i = 0; i < POINTS.length; i++) {
                rows[power][i] = Math.pow(POINTS[i], power);
            }
        }
        rows[OUT - 1][POINTS.length] = 1;
        return rows;
    }

    /** The columns of {@code matrix} added up that the same input is repeated in. */
    private static double[][] repeating(double[][] matrix) {
        double[][] sums = new double[IN][REPEATED[IN - 1] + 1];
        for (int i = 0; i < IN; i++) {
            for (int j = 0; j < IN; j++) {
                sums[i][REPEATED[j]] += matrix[i][j];
            }
        }
        return sums;
    }

    /** A matrix of float64 in TorchScript. */
    private static String literal(double[][] matrix) {
        return IntStream.range(0, matrix.length)
                .mapToObj(i -> DoubleStream.of(matrix[i])
                        .mapToObj(value -> String.format(Locale.ROOT, "%.17f", value))
                        .collect(Collectors.joining(", ", "[", "]")))
                .collect(Collectors.joining(", ", "torch.tensor([", "], dtype=7)"));
    }
}
