package dev.mlit.weights;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.mlit.testing.Python;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * If this fails, what was pre-trained on images of one size is worth less for another: its patches
 * think that they are somewhere else.
 */
class PositionGridTest {
  private static final int WIDTH = 3;

  private static Weights.Array embedding(PositionGrid grid) {
    int tokens = 1 + grid.rows() * grid.columns();
    float[] values = new float[tokens * WIDTH];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) Math.sin(1.7 * i);
    }
    return new Weights.Array(List.of(1L, (long) tokens, (long) WIDTH), values);
  }

  /** What timm calls, on the same numbers. */
  @Tag("slow")
  @ParameterizedTest
  @CsvSource({"4, 6, 7, 5", "12, 12, 8, 8", "2, 3, 4, 6", "5, 4, 2, 3", "3, 3, 3, 4"})
  void interpolatesAsTimmDoes(int rows, int columns, int newRows, int newColumns) {
    Python python = Python.with("torch");
    PositionGrid grid = new PositionGrid(rows, columns);
    Weights.Array from = embedding(grid);
    Weights.Array to = grid.to(new PositionGrid(newRows, newColumns), from);
    String numbers =
        IntStream.range(0, from.values().length)
            .mapToObj(i -> String.valueOf(from.values()[i]))
            .collect(Collectors.joining(","));
    String printed =
        python.run(
            Duration.ofMinutes(1),
            Map.of(),
            "-c",
            String.format(
                Locale.ROOT,
                """
            import torch
            x = torch.tensor([%s]).view(1, -1, %d)
            grid = x[:, 1:].view(1, %d, %d, %d).permute(0, 3, 1, 2)
            new = torch.nn.functional.interpolate(grid, size=(%d, %d), mode="bicubic", antialias=True)
            y = torch.cat([x[:, :1], new.permute(0, 2, 3, 1).reshape(1, -1, %d)], 1)
            print(*y.flatten().tolist())
            """,
                numbers,
                WIDTH,
                rows,
                columns,
                WIDTH,
                newRows,
                newColumns,
                WIDTH));
    double[] expected =
        Arrays.stream(printed.trim().split(" ")).mapToDouble(Double::parseDouble).toArray();
    assertThat(to.shape()).containsExactly(1L, 1 + (long) newRows * newColumns, (long) WIDTH);
    assertThat(to.values()).hasSameSizeAs(expected);
    for (int i = 0; i < expected.length; i++) {
      assertThat((double) to.values()[i]).as("value %d", i).isCloseTo(expected[i], within(1e-5));
    }
  }

  @Test
  void theSameGridIsTheSame() {
    PositionGrid grid = new PositionGrid(3, 4);
    assertThat(grid.to(grid, embedding(grid)).values())
        .usingComparatorWithPrecision(1e-6f)
        .containsExactly(embedding(grid).values());
  }

  /** The weights of a place sum to 1, at the edges too. */
  @Test
  void whatIsTheSameEverywhereStaysSo() {
    PositionGrid grid = new PositionGrid(5, 7);
    float[] ones = new float[36 * WIDTH];
    Arrays.fill(ones, 0.25f);
    Weights.Array flat = new Weights.Array(List.of(1L, 36L, (long) WIDTH), ones);
    for (float value : grid.to(new PositionGrid(3, 11), flat).values()) {
      assertThat(value).isCloseTo(0.25f, within(1e-6f));
    }
  }
}
