package dev.mlit.kotlin

import java.io.ByteArrayOutputStream
import java.io.PrintStream
import java.nio.file.Path
import org.assertj.core.api.Assertions.assertThat
import org.jetbrains.letsPlot.commons.encoding.RGBEncoder
import org.jetbrains.letsPlot.core.util.PlotSvgExportCommon
import org.jetbrains.letsPlot.intern.Plot
import org.jetbrains.letsPlot.intern.toSpec
import org.junit.jupiter.api.Test

/**
 * The cells of the notebook, run one after the other. If it fails, what a newcomer opens in Jupyter stops at a cell.
 *
 * The kernel of Kotlin is not on Maven Central in a version that reads classes of Kotlin 2; what it does with a cell
 * beyond the compiler's own loop is to resolve dependencies, which here are on the class path, and `%use`.
 */
class NotebookTest {
    private val notebook = Notebook.read(Path.of("examples/kotlin/clothes.ipynb"))

    private val noPictures =
        object : RGBEncoder {
            override fun toDataUrl(width: Int, height: Int, argbValues: IntArray) =
                throw UnsupportedOperationException("the plot has no picture in it")
        }

    /** What `%use lets-plot` imports, and the notebook needs. */
    private val letsPlot =
        """
        import org.jetbrains.letsPlot.*
        import org.jetbrains.letsPlot.geom.*
    """
            .trimIndent()

    /** Jupyter runs a notebook in its folder, and the tests run in the root of the repository. */
    private fun runnable(source: String): String =
        source
            .replace(Regex("(?m)^@file:(Repository|DependsOn)\\(.*\\)$"), "")
            .replace("%use lets-plot", letsPlot)
            .replace("\"../images\"", "\"examples/images\"")

    @Test
    fun `every cell runs, one plots the curves, and the last names the picture`() {
        val printed = mutableListOf<String>()
        val results = mutableListOf<Any?>()
        Repl().use { repl ->
            notebook.cells.forEachIndexed { i, cell ->
                val (text, result) = printing { repl.run("cell${i + 1}", runnable(cell.source)) }
                printed += text
                results += result
            }
        }

        val (plot, answer) = results.takeLast(2)
        val spec = (plot as Plot).toSpec()
        val data = spec["data"] as Map<*, *>
        assertThat(data["epoch"] as List<*>).hasSize(12)
        assertThat(printed.joinToString(""))
            .contains("epoch  6  loss ")
            .containsPattern("test accuracy 0\\.[6-9]\\d\\d on")
        assertThat((answer as String).lines()).hasSize(3)
        if (java.lang.Boolean.getBoolean("mlit.update")) {
            val svg =
                PlotSvgExportCommon.buildSvgImageFromRawSpecs(
                    spec,
                    rgbEncoder = noPictures,
                    useCssPixelatedImageRendering = true,
                )
            notebook.cells.forEachIndexed { i, cell ->
                val result =
                    when (val value = results[i]) {
                        is Plot -> "image/svg+xml" to svg
                        null -> null
                        else -> "text/plain" to value.toString()
                    }
                cell.store(i + 1, printed[i], result)
            }
            notebook.write()
        }
    }

    /** On a forge, where nothing runs. */
    @Test
    fun `what came out of its cells is stored in it`() {
        assertThat(notebook.cells.flatMap { it.outputKinds }).containsExactly("stream", "image/svg+xml", "text/plain")
    }

    @Test
    fun `its first cell has this version`() {
        assertThat(notebook.cells.first().source).contains("dev.mlit:mlit-kotlin:${Poms.version}\"")
    }

    private fun <T> printing(work: () -> T): kotlin.Pair<String, T> {
        val out = System.out
        val bytes = ByteArrayOutputStream()
        System.setOut(PrintStream(bytes, true, Charsets.UTF_8))
        try {
            val result = work()
            return bytes.toString(Charsets.UTF_8) to result
        } finally {
            System.setOut(out)
        }
    }
}
