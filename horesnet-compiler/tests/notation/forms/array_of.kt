val A = arrayOf(doubleArrayOf(0.0,0.0), doubleArrayOf(0.5,0.0))
val b = doubleArrayOf(0.0,1.0)
