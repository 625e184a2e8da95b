package dev.mlit.kotlin

import com.fasterxml.jackson.core.util.DefaultIndenter
import com.fasterxml.jackson.core.util.DefaultPrettyPrinter
import com.fasterxml.jackson.core.util.Separators
import com.fasterxml.jackson.databind.ObjectMapper
import com.fasterxml.jackson.databind.node.ObjectNode
import java.nio.file.Files
import java.nio.file.Path

/** A Jupyter notebook: the code of its cells, and what came out of them. */
internal class Notebook private constructor(private val file: Path, private val root: ObjectNode) {
    /** The cells of code, in their order. */
    val cells: List<Cell> = root["cells"].filter { it["cell_type"].asText() == "code" }.map { Cell(it as ObjectNode) }

    internal class Cell(private val node: ObjectNode) {
        val source: String = node["source"].joinToString("") { it.asText() }

        /** What is stored of an earlier run: its kinds, such as `stream` and `image/svg+xml`. */
        val outputKinds: List<String>
            get() =
                node["outputs"].map { output -> output["data"]?.fieldNames()?.next() ?: output["output_type"].asText() }

        /** Stores what came out. */
        fun store(number: Int, printed: String, result: Pair<String, String>?) {
            node.put("execution_count", number)
            val outputs = node.putArray("outputs")
            if (printed.isNotEmpty()) {
                outputs.addObject().put("name", "stdout").put("output_type", "stream").lines("text", printed)
            }
            result?.let { (type, text) ->
                val output = outputs.addObject()
                output.putObject("data").lines(type, text)
                output.put("execution_count", number).putObject("metadata")
                output.put("output_type", "execute_result")
            }
        }

        private fun ObjectNode.lines(field: String, text: String) {
            val lines = putArray(field)
            text.split(Regex("(?<=\n)")).filter { it.isNotEmpty() }.forEach(lines::add)
        }
    }

    /** Writes it as Jupyter does. */
    fun write() {
        val indent = DefaultIndenter(" ", "\n")
        val separators = Separators.createDefaultInstance().withObjectFieldValueSpacing(Separators.Spacing.AFTER)
        val printer = DefaultPrettyPrinter(separators)
        printer.indentArraysWith(indent)
        printer.indentObjectsWith(indent)
        Files.writeString(file, MAPPER.writer(printer).writeValueAsString(root) + "\n")
    }

    companion object {
        private val MAPPER = ObjectMapper()

        fun read(file: Path) = Notebook(file, MAPPER.readTree(file.toFile()) as ObjectNode)
    }
}
